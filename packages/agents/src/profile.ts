import { join } from 'node:path'
import { ControlError, type Agent, type AgentAbilities, type AgentCommand, type Launch } from '@signalbox/core'
import { detectProgram } from './detect.ts'
import { findProgram } from './find-program.ts'

/** What is known of a real agent, whichever way it is talked to. */
export interface AgentProfile {
  /** Such as `codex`. */
  readonly name: string
  /** One line for humans: what it is, and what it may do. */
  readonly summary: string
  /** Name of its program on PATH. */
  readonly program: string
  /** The package that brings it, in the npm registry. */
  readonly npm: string
  /** How to log in: a sentence. */
  readonly login: string
  /** Variables with any of which it needs no login. */
  readonly keys: readonly string[]
  readonly abilities: AgentAbilities
}

/** How the agent of a profile goes by its name, takes its arguments, and is started once its program is found. */
export interface ProfiledAgent {
  readonly profile: AgentProfile
  readonly name: string
  readonly validate: (argv: readonly string[]) => void
  readonly start: (program: string, argv: readonly string[], launch: Launch) => AgentCommand
}

/** Makes the agent of a profile. Its command throws ControlError `agent.not_installed` where its program is not on PATH. */
export function createProfiledAgent({ profile: { summary, program, npm, login, keys, abilities }, name, validate, start }: ProfiledAgent): Agent {
  const wanted = { program, install: `Install it: npm install -g ${npm}`, login }
  return {
    name,
    summary,
    abilities,
    keys,
    detect: (env) => detectProgram(wanted, env),
    validate,
    command(argv, launch) {
      validate(argv)
      const found = findProgram(program, launch.env)
      if (found === undefined) throw new ControlError('agent.not_installed', `${name} needs the program ${program}, which is not on PATH`, { hint: wanted.install })
      return start(found, argv, launch)
    },
  }
}

type LaunchFile = NonNullable<AgentCommand['files']>[number]

/** Says whether one of these variables holds something: then the agent needs no login of the human's. */
export function hasAny(env: Launch['env'], names: readonly string[]): boolean {
  return names.some((name) => (env[name] ?? '') !== '')
}

/** Returns the file that makes a folder be there: some start only then. */
export function emptyFolder(folder: string): LaunchFile {
  return { path: join(folder, '.keep'), text: '' }
}

/** Returns a file of settings below the home of the run. */
export function settingsFile({ home }: Launch, name: string, value: unknown): LaunchFile {
  return { path: join(home, name), text: `${JSON.stringify(value, null, 2)}\n` }
}
