import type { AgentEvent, AgentEventOf, ToolKind } from './agent-event.ts'

/** What an agent is started with. Paths are absolute. */
export interface Launch {
  /** What it is to do, as text: the packet, or what a human says to a session that goes on. */
  readonly prompt: string
  /** The same packet as a file. */
  readonly packet: string
  /** The folder it works in: one checkout, or one folder per repo. */
  readonly cwd: string
  /** Folder of this run alone for what the agent keeps for itself: settings, sessions, caches. Outside the checkouts. */
  readonly home: string
  /** What it keeps goes below `home`, and not where the human has theirs. */
  readonly keepsOwn: boolean
  /** The environment it would be started with: logins and provider keys are found there. */
  readonly env: Readonly<Record<string, string>>
  /** Session of the agent's own to go on with. */
  readonly session: string | undefined
  /** Our own tool server, over HTTP on loopback, and the token that is good for this start only: best handed on where no file keeps it. Undefined without `abilities.mcp`, and where its sandbox has no network. */
  readonly mcp: { readonly name: string; readonly url: string; readonly token: string } | undefined
}

/** An agent ready to be spawned. */
export interface AgentCommand {
  readonly argv: readonly [string, ...string[]]
  /** Variables laid over the environment of the run. */
  readonly env: Readonly<Record<string, string>>
  /** Files to be written before it starts, absolute, below `Launch.home`. */
  readonly files?: readonly { readonly path: string; readonly text: string }[]
  /** Says whether a line of its output means that a turn of it is over; absent for one that works without turns, or does not say. */
  readonly endsTurn?: (line: string) => boolean
  /** Talks with the started program; absent for one whose output is just text, and whose exit code says how it did. */
  readonly converse?: (talk: Conversation) => Promise<ConversationEnd>
}

/** What an adapter has of the started program, and of whoever looks after it. */
export interface Conversation {
  /** Everything the program writes to its standard output, in pieces as they come; ends when it does. Must be read on. */
  readonly output: AsyncIterable<Uint8Array>
  /** Its standard input. Writing to a program that is gone, or that has long not read what was written, does nothing. */
  readonly input: { write(text: string): void; end(): void }
  /** Fires when the run is to end: the adapter asks the program to stop, answers what is open as cancelled, and returns. */
  readonly cancel: AbortSignal
  emit(event: AgentEvent): void
  /** Asks whoever decides: the policy, or a human, for as long as it takes. `cancelled` once `cancel` fired, or `withdrawn`: the agent took its question back. */
  askPermission(request: PermissionRequest, withdrawn: AbortSignal): Promise<PermissionAnswer>
}

/** What an agent asks to be allowed. */
export interface PermissionRequest {
  /** Of the question; unique in the conversation. */
  readonly id: string
  /** The tool call it is about, where the agent names one. */
  readonly tool: string | null
  readonly kind: ToolKind
  readonly title: string
  readonly command: string | null
  /** As the agent names them. */
  readonly paths: readonly string[]
  /** Set when the tool is of a tool server, by the name that server was given. */
  readonly mcpServer: string | null
}

/** `once`: this call. `always`: the agent need not ask for the like again in this session. */
export type PermissionAnswer = { readonly kind: 'allow'; readonly lasting: 'once' | 'always' } | { readonly kind: 'refuse'; readonly because: string } | { readonly kind: 'cancelled' }

/** How the last turn ended, as the adapter understands it; `session` can be gone on with. */
export interface ConversationEnd extends Pick<AgentEventOf<'turn'>, 'stop' | 'because'> {
  readonly session: string | undefined
  /** For `quota`: the instant it may work again, where the agent says. */
  readonly retryAt?: string | undefined
}

/** What one kind of agent can do through its adapter; each was seen to work with the real program. */
export interface AgentAbilities {
  /** It goes on with a session of its own after its process ended. */
  readonly resume: boolean
  /** It asks before it acts, and the answer counts. */
  readonly permissions: boolean
  readonly usage: 'none' | 'tokens' | 'cost'
  readonly plan: boolean
  /** It takes our tool server. */
  readonly mcp: boolean
}

/** What of an agent is on this machine. */
export interface AgentPresence {
  /** The program that would be started, absolute; null when it is not installed. */
  readonly program: string | null
  readonly version: string | null
  /** How to install what is missing, or how to log in: a sentence. */
  readonly hint: string
}

/** How one kind of agent is started and talked to. */
export interface Agent {
  readonly name: string
  /** One line for humans. */
  readonly summary: string
  /** Absent for those that need nothing installed. */
  readonly abilities?: AgentAbilities
  /** Variables with any of which it needs no login of the human's. Absent for one that knows of none. */
  readonly keys?: readonly string[]
  /** Absent for those that need nothing installed. Starts nothing but `--version`. */
  readonly detect?: (env: Readonly<Record<string, string | undefined>>) => Promise<AgentPresence>
  /** Absent for one that takes any. @throws ControlError `input.invalid` when the arguments do not suit it */
  validate?(argv: readonly string[]): void
  /** @throws ControlError `input.invalid` when the arguments do not suit it, `agent.not_installed` */
  command(argv: readonly string[], launch: Launch): AgentCommand | Promise<AgentCommand>
}
