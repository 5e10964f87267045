import { join } from 'node:path'
import { ControlError, type Agent, type AgentTemplate, type Launch } from '@signalbox/core'
import { converseAcp } from './acp/converse.ts'
import { usual } from './acp/profiles.ts'
import { findProgram } from './find-program.ts'

/** Bytes of the longest argument Linux takes, with the zero behind it. */
const argumentBytes = 128 * 1024

/** Makes an agent of a command in the settings: started word by word, judged by its exit code or talked to over the Agent Client Protocol. */
export function createTemplateAgent(name: string, template: AgentTemplate): Agent {
  const [program] = template.command
  const find = (env: Readonly<Record<string, string | undefined>>): string | undefined => findProgram(program, { ...env, ...template.env })
  const install = `Put ${program} on PATH, or change its command in signalbox.yaml`
  return {
    name,
    summary: `a command of yours: ${template.command.join(' ')}`,
    // Nobody knows what it would do if it were asked its version.
    detect: async (env) => {
      const found = find(env)
      return { program: found ?? null, version: null, hint: found === undefined ? install : 'Its command is in signalbox.yaml' }
    },
    ...(template.speaks === 'acp' ? { abilities: { resume: true, permissions: true, usage: 'tokens', plan: true, mcp: true } } : {}),
    command: (argv, launch) => {
      // The system would look in the folder of the run, too, where PATH names one that is not absolute.
      const found = find(launch.env)
      if (found === undefined) throw new ControlError('agent.not_installed', `${name} needs the program ${program}, which is not on PATH`, { hint: install })
      const words = [found, ...template.command.slice(1).map((word) => fill(word, launch)), ...argv] as const
      checkWords(name, words)
      if (template.speaks !== 'acp') return commandOf([...words], template, launch)
      const quirks = { ...usual, mode: template.mode === undefined ? undefined : { id: template.mode } }
      return { argv: [...words], env: template.env, converse: converseAcp({ quirks, login: `Log in to ${name} by itself first` }, launch) }
    },
  }
}

/** A command line with a packet in it may be one that no system starts. */
function checkWords(name: string, words: readonly string[]): void {
  for (const word of words) {
    const bytes = Buffer.byteLength(word)
    if (bytes < argumentBytes && !word.includes('\0')) continue
    const because = bytes < argumentBytes ? 'a zero byte' : `${bytes} bytes`
    throw new ControlError('input.invalid', `The command of ${name} would have an argument with ${because}, which none can have`, { hint: 'Hand its prompt over by a file, or by its standard input: prompt: file, or prompt: stdin in signalbox.yaml' })
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
