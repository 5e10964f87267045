import type { Agent } from '@signalbox/core'
import { createAcpAgent } from './acp/agent.ts'
import { acpProfiles } from './acp/profiles.ts'
import { demoAgent } from './demo.ts'
import { createHeadlessAgent } from './headless/profile.ts'
import { headlessProfiles } from './headless/profiles.ts'
import { shellAgent } from './shell.ts'

/** Returns the agents that can be named: first those that need nothing installed. `NAME-acp` is one that is talked to over the Agent Client Protocol. */
export function builtInAgents(): readonly Agent[] {
  return [demoAgent, shellAgent, ...headlessProfiles.map((profile) => createHeadlessAgent(profile)), ...acpProfiles.map((profile) => createAcpAgent(profile, `${profile.name}-acp`))]
}
