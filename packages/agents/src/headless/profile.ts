import { ControlError, type Agent, type AgentCommand, type Launch } from '@signalbox/core'
import { clip } from '../output/clip.ts'
import { asSession } from '../output/json.ts'
import { createProfiledAgent, type AgentProfile } from '../profile.ts'
import { converseLines, type LineTalk } from './converse.ts'

/** How one agent is started with nobody at its screen. */
export interface HeadlessProfile extends AgentProfile {
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
const allowCommands = '--allow-commands'

/** Makes the agent of a profile; `name` where it goes by another one. */
export function createHeadlessAgent(profile: HeadlessProfile, name: string = profile.name): Agent {
  return createProfiledAgent({
    profile,
    name,
    validate(argv) {
      if (profile.mayAllowCommands || !argv.includes(allowCommands)) return
      throw new ControlError('input.invalid', `${allowCommands} means nothing for ${name}: ${profile.abilities.permissions ? 'it asks before each command' : 'its own sandbox bounds its commands'}`, {
        hint: `Leave it out: signalbox run T0001 --agent ${name}`,
      })
    },
    start(program, argv, launch) {
      if (launch.session !== undefined && asSession(launch.session) === undefined) {
        throw new ControlError('input.invalid', `${JSON.stringify(clip(launch.session, 100))} is no session that ${name} can be told of: it might take it for an option`, { hint: 'Begin a new session' })
      }
      const { args, last = [], env = {}, files = [], talk } = profile.plan(launch, argv.includes(allowCommands))
      const given = argv.filter((word) => word !== allowCommands)
      return { argv: [program, ...args, ...given, ...last], env, files, converse: converseLines(talk) }
    },
  })
}
