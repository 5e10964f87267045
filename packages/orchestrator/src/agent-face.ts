import { handoffDraftSchema, parseInput, type AgentFace, type HumanFace, type RunId } from '@signalbox/core'
import { createHandoff } from './create-handoff.ts'
import type { Services } from './services.ts'

/** Returns the face of one run's agent: what a human may read of that run, search, and a handoff of its own. */
export function createAgentFace(services: Services, human: HumanFace, run: RunId): AgentFace {
  return {
    readRun: () => human.readRun(run),
    readPacket: () => human.readPacket(run),
    readEvents: (options) => human.readEvents(run, options),
    readFindings: () => human.readFindings(run),
    search: (query, options) => human.search(query, options),
    draftHandoff: async (draft) => {
      const { task, agent } = await services.log.fold(run)
      return createHandoff(services, { ...parseInput(handoffDraftSchema, draft), task, run }, async () => `${agent}, in ${run}`)
    },
  }
}
