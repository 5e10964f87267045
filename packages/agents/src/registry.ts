import type { Agent } from '@signalbox/core'
import { demoAgent } from './demo.ts'
import { createHeadlessAgent } from './headless/profile.ts'
import { headlessProfiles } from './headless/profiles.ts'
import { shellAgent } from './shell.ts'

/** Returns the agents that can be named: first those that need nothing installed. */
export function builtInAgents(): readonly Agent[] {
  return [demoAgent, shellAgent, ...headlessProfiles.map((profile) => createHeadlessAgent(profile))]
}
