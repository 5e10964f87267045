import { ControlError, type Agent, type AgentAbilities, type AgentCommand, type Launch } from '@signalbox/core'
import { detectProgram } from '../detect.ts'
import { findProgram } from '../find-program.ts'
import { converseLines, type LineTalk } from './converse.ts'

/** How one agent is started with nobody at its screen. */
export interface HeadlessProfile {
  /** Of the agent, such as `codex`. */
  readonly name: string
  /** One line for humans: what it is, and what it may do. */
  readonly summary: string
  /** Name of its program on PATH. */
  readonly program: string
  /** The package that brings it, in the npm registry. */
  readonly npm: string
  /** How to log in: a sentence. */
  readonly login: string
  readonly abilities: AgentAbilities
  /** Whether `--allow-commands` means anything: where it asks, or its own sandbox bounds it, there is nothing to allow. */
  readonly mayAllowCommands: boolean
  plan(launch: Launch, allowCommands: boolean): HeadlessPlan
}

/** What a launch comes to for one agent. */
export interface HeadlessPlan {
  /** Arguments. What the human gave stands behind them. */
  readonly args: readonly string[]
  /** Arguments that must come last. */
  readonly last?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly files?: AgentCommand['files']
  readonly talk: LineTalk
}

/** Word among the arguments of a run that lets an agent without a permission channel run commands. */
export const allowCommands = '--allow-commands'

/** Makes the agent of a profile; `name` where it goes by another one. */
export function createHeadlessAgent(profile: HeadlessProfile, name: string = profile.name): Agent {
  const wanted = { program: profile.program, install: `Install it: npm install -g ${profile.npm}`, login: profile.login }

  function validate(argv: readonly string[]): void {
    if (profile.mayAllowCommands || !argv.includes(allowCommands)) return
    throw new ControlError('input.invalid', `${allowCommands} means nothing for ${name}: ${profile.abilities.permissions ? 'it asks before each command' : 'its own sandbox bounds its commands'}`, {
      hint: `Leave it out: signalbox run T0001 --agent ${name}`,
    })
  }

  return {
    name,
    summary: profile.summary,
    abilities: profile.abilities,
    detect: (env) => detectProgram(wanted, env),
    validate,
    command(argv, launch) {
      validate(argv)
      const program = findProgram(profile.program, launch.env)
      if (program === undefined) throw new ControlError('agent.not_installed', `${name} needs the program ${profile.program}, which is not on PATH`, { hint: wanted.install })
      const { args, last = [], env = {}, files = [], talk } = profile.plan(launch, argv.includes(allowCommands))
      const given = argv.filter((word) => word !== allowCommands)
      return { argv: [program, ...args, ...given, ...last], env, files, converse: converseLines(talk) }
    },
  }
}

/** Says whether one of these variables holds something: then the agent needs no login of the human's. */
export function hasAny(env: Launch['env'], names: readonly string[]): boolean {
  return names.some((name) => (env[name] ?? '') !== '')
}
