import type { AgentView } from '@signalbox/core'
import type { Look } from './look.ts'
import { table } from './table.ts'
import { visible } from './untrusted.ts'

/** Returns the agents that a run may name as a table. */
export function agentListText(agents: readonly AgentView[], look: Look): string {
  return table(
    agents,
    [
      { title: 'AGENT', text: ({ name }) => visible(name), dress: look.ink.bold },
      { title: 'VERSION', text: versionText },
      { title: 'CAN', text: ({ abilities }) => (abilities === null ? '' : abilitiesText(abilities)) },
      { title: 'HOME', text: ({ home }) => homeWords[home] },
      { title: '', text: (agent) => visible(agent.presence?.program === null ? agent.presence.hint : agent.summary) },
    ],
    look,
  )
}

/** Whose home it has in a run. */
const homeWords = { own: 'own', kept: 'yours, own folder', shared: 'yours' } as const

function versionText({ presence }: AgentView): string {
  if (presence === null) return 'built in'
  if (presence.program === null) return 'not installed'
  return presence.version === null ? 'installed' : visible(presence.version)
}

function abilitiesText({ resume, permissions, usage, plan, mcp }: NonNullable<AgentView['abilities']>): string {
  return [resume && 'resume', permissions && 'ask', mcp && 'tools', plan && 'plan', usage !== 'none' && usage].filter((word) => word !== false).join(' ')
}
