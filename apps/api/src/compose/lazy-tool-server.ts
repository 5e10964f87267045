import type { ToolServer } from '@signalbox/orchestrator'

/** Of this set of tools: nobody acts on it. */
const version = '1'

/** What a model is told about the tools as a whole. */
const instructions = 'You work in a run of Signalbox: what you change in your folder is saved, reviewed by a human, and landed only by them. These tools read what was written down, ask the human, and leave proposals and a handoff. Whatever you write with them is shown as your claim.'

/** The tool server of a run; its code is loaded for the first agent that takes one, for many never do. */
export const lazyToolServer: ToolServer = {
  serve: async (face, token) => {
    const { agentTools, serveMcpOverHttp } = await import('@signalbox/mcp')
    return serveMcpOverHttp(agentTools(face), { token, version, instructions })
  },
}
