import type { AgentCommand, Launch } from '@signalbox/core'
import type { Json } from '../output/json.ts'
import type { AgentProfile } from '../profile.ts'

/** How one agent that speaks the Agent Client Protocol is started, and where it differs from the others. */
export interface AcpProfile extends AgentProfile {
  readonly quirks: AcpQuirks
  plan(launch: Launch): AcpPlan
}

/** What a launch comes to for one agent. */
export interface AcpPlan {
  /** Arguments. What the human gave stands behind them. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly files?: AgentCommand['files']
}

export interface AcpQuirks {
  /**
   * The mode it is set to before anything is asked of it, for the one it starts in may let a model grant permissions; `option` where it takes modes
   * for one of its options. Undefined for one that nobody knows: it stays in the one it starts in.
   */
  readonly mode: { readonly id: string; readonly option?: string } | undefined
  /** Whether it may read and write files through us. Off wherever it can do so by itself: what it does then, its sandbox sees. */
  readonly offerFs: boolean
  /** How it takes our tool server. */
  readonly mcpTransport: 'http' | 'none'
  /** How it goes on with a session: `load` tells the whole session anew, and that is kept from the record. */
  readonly resume: 'resume' | 'load' | 'none'
  /** A refused permission ends its turn. */
  readonly rejectEndsTurn: boolean
  /** A last message like this is an error, whatever the turn says of its end. */
  readonly errorAsText: RegExp | undefined
  /** Whether an answer that lasts stays within its session; where it writes into the checkout instead, each call is allowed by itself. */
  readonly lastingAllow: boolean
  /** Of what the tokens in the answer to a prompt are the sum. */
  readonly usageScope: 'turn' | 'step'
  /** Its input does not count what came from the cache; ours does. */
  readonly cachedApart: boolean
  /** The title of a command is the command. */
  readonly titleIsCommand: boolean
  /**
   * Returns the tool server a call is for, from what the agent itself says: nothing a model may write is looked at. `asked` is the
   * call as it stands in the question.
   */
  readonly toolServer: (call: { readonly announced: Announced; readonly asked: Json }, ours: string) => string | undefined
}

/** What an agent said of a call before it asked. */
export interface Announced {
  readonly title: string | undefined
  /** It called it one of a tool server's. */
  readonly isMcp: boolean
}
