import type { Agent } from '@signalbox/core'
import { createAcpAgent } from './acp/agent.ts'
import { acpProfiles } from './acp/profiles.ts'
import { demoAgent } from './demo.ts'
import { createHeadlessAgent } from './headless/profile.ts'
import { headlessProfiles } from './headless/profiles.ts'
import { shellAgent } from './shell.ts'

/** Agents whose own program asks before it acts when it is driven by its lines: it needs no adapter that somebody has to install beside it. */
const asksByLines = ['claude']

/**
 * Returns the agents that can be named: first those that need nothing installed. Each goes by its name in the way that lets it ask before it acts; where there is another way too,
 * that has a name of its own: `claude-acp`, `codex-headless`.
 */
export function builtInAgents(): readonly Agent[] {
  const overAcp = acpProfiles.map((profile) => createAcpAgent(profile, asksByLines.includes(profile.name) ? `${profile.name}-acp` : profile.name))
  const taken = new Set(overAcp.map(({ name }) => name))
  const byLines = headlessProfiles.map((profile) => createHeadlessAgent(profile, taken.has(profile.name) ? `${profile.name}-headless` : profile.name))
  const [asking, others] = [byLines.filter(({ name }) => !name.endsWith('-headless')), byLines.filter(({ name }) => name.endsWith('-headless'))]
  return [demoAgent, shellAgent, ...asking, ...overAcp, ...others]
}
