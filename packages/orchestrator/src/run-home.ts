import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '@signalbox/core'
import type { Services } from './services.ts'
import { writeBelow } from './write-below.ts'

/** Variables by which agents find what they keep: in a home of its own, none leads back to the human's. */
const folders = new Set(['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'COPILOT_HOME', 'GEMINI_CLI_HOME', 'OPENCODE_CONFIG', 'OPENCODE_CONFIG_DIR', 'PI_CODING_AGENT_DIR', 'QWEN_HOME'])

type Environment = Readonly<Record<string, string | undefined>>

/** Returns an environment without what leads agents to folders of the human. */
export function withoutFolders(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !folders.has(name)))
}

/** Makes the home of a run that has one of its own, where that is not done yet, and returns the variables that lead there. @throws ControlError `disk.*` */
export async function makeHome({ layout }: Pick<Services, 'layout'>, { id, by }: Pick<Run, 'id' | 'by'>): Promise<Readonly<Record<string, string>>> {
  const { agentHome } = layout.run(id)
  const home = join(agentHome, 'home')
  const settings = join(home, '.gitconfig')
  // What its agent set there since stays.
  if (!existsSync(settings)) await writeBelow(layout, agentHome, { path: settings, text: identityText(by) })
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    XDG_CACHE_HOME: join(home, '.cache'),
  }
}

/** Whoever asked for the run is who its commits are by: git makes none of nobody. */
function identityText(by: string): string {
  const [, name, email] = /^(.*) <([^<>]*)>$/s.exec(by) ?? [by, by, '']
  return `[user]\n\tname = ${quoted(name ?? by)}\n\temail = ${quoted(email ?? '')}\n`
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"`
}
