import type { Agent } from '@signalbox/core'
import { createAcpAgent } from './acp/agent.ts'
import { acpProfiles } from './acp/profiles.ts'
import { demoAgent } from './demo.ts'
import { createHeadlessAgent } from './headless/profile.ts'
import { headlessProfiles } from './headless/profiles.ts'
import { shellAgent } from './shell.ts'

/**
 * Returns the agents that can be named: first those that need nothing installed, then each real one under its plain name.
 * Where its own program speaks the Agent Client Protocol it is talked to over that, for there it asks; the way by its lines is
 * `NAME-headless`. Where an adapter is needed for it, that way is `NAME-acp`.
 */
export function builtInAgents(): readonly Agent[] {
  const own = new Map(headlessProfiles.map(({ name, program }) => [name, program]))
  const speaking = new Set(acpProfiles.filter(({ name, program }) => own.get(name) === program).map(({ name }) => name))
  const byLines = headlessProfiles.map((profile) => createHeadlessAgent(profile, speaking.has(profile.name) ? `${profile.name}-headless` : profile.name))
  const byProtocol = acpProfiles.map((profile) => createAcpAgent(profile, speaking.has(profile.name) ? profile.name : `${profile.name}-acp`))
  const [plain, others] = [[...byLines, ...byProtocol].filter(({ name }) => own.has(name)), [...byLines, ...byProtocol].filter(({ name }) => !own.has(name))]
  return [demoAgent, shellAgent, ...plain, ...others]
}
