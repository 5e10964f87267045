import { join } from 'node:path'
import type { Agent, AgentTemplate, Launch } from '@signalbox/core'
import { converseAcp } from './acp/converse.ts'
import { usual } from './acp/profiles.ts'
import { findProgram } from './find-program.ts'

/** Makes an agent of a command in the settings: started word by word, judged by its exit code. */
export function createTemplateAgent(name: string, template: AgentTemplate): Agent {
  const [program] = template.command
  return {
    name,
    summary: `a command of yours: ${template.command.join(' ')}`,
    // Nobody knows what it would do if it were asked its version.
    detect: async (env) => {
      const found = findProgram(program, env)
      return { program: found ?? null, version: null, hint: found === undefined ? `Put ${program} on PATH, or change its command in signalbox.yaml` : 'Its command is in signalbox.yaml' }
    },
    ...(template.speaks === 'acp' ? { abilities: { resume: true, permissions: true, usage: 'tokens', plan: true, mcp: true } } : {}),
    command: (argv, launch) => {
      const words = [program, ...template.command.slice(1).map((word) => fill(word, launch)), ...argv] as const
      if (template.speaks !== 'acp') return commandOf([...words], template, launch)
      const quirks = { ...usual, mode: template.mode === undefined ? undefined : { id: template.mode } }
      return { argv: [...words], env: template.env, converse: converseAcp({ quirks, login: `Log in to ${name} by itself first` }, launch) }
    },
  }
}

function commandOf(argv: readonly [string, ...string[]], template: AgentTemplate, launch: Launch): ReturnType<Agent['command']> {
  if (template.prompt !== 'stdin') return { argv, env: template.env }
  const prompt = join(launch.home, 'prompt.md')
  // The shell only opens the file: the words of the command are handed on as they are.
  return { argv: ['/bin/sh', '-c', 'exec "$@" < "$0"', prompt, ...argv], env: template.env, files: [{ path: prompt, text: launch.prompt }] }
}

function fill(word: string, launch: Launch): string {
  return word.replaceAll(/\{(packet|prompt)\}/g, (_, name) => (name === 'packet' ? launch.packet : launch.prompt))
}
