import picomatch from 'picomatch'
import { decidePermission, type AgentEvent, type Answer, type Conversation, type PermissionAnswer, type PermissionFacts, type PermissionPolicy, type PermissionRequest } from '@signalbox/core'
import { placePaths } from './agent-paths.ts'
import type { Asker } from './ask-human.ts'
import type { Pipes } from './converse.ts'

/** What looks after a conversation. */
export interface TalkCare {
  readonly policy: PermissionPolicy
  readonly asker: Asker
  /** Top folder of the workspace, and the one the agent works in; absolute. */
  readonly workspace: string
  readonly cwd: string
  readonly confined: boolean
  /** Name under which the agent was given our own tool server; undefined for one that was given none, whatever it calls another one. */
  readonly ownServer: string | undefined
  readonly heard: (event: AgentEvent) => void
  /** Keeps what the program writes, as it writes it. */
  readonly keep: (chunk: Uint8Array) => void
}

/** Makes the conversation of one agent: what it asks goes to the policy and, where that says so, to a human. */
export function createConversation({ input, output, cancel }: Pipes, care: TalkCare): Conversation {
  return {
    input,
    cancel,
    output: keepAll(output, care.keep),
    emit: care.heard,
    askPermission: async (request, withdrawn) => {
      const { decision, because } = decidePermission(care.policy, await factsOf(request, care), matchPath)
      if (decision === 'allow') return { kind: 'allow', lasting: 'once' }
      if (decision === 'deny') return { kind: 'refuse', because }
      return toPermission(await askHuman(request, care.asker, { cancel, withdrawn }))
    },
  }
}

async function* keepAll(output: AsyncIterable<Uint8Array>, keep: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of output) {
    keep(chunk)
    yield chunk
  }
}

function askHuman({ kind, title, command, paths }: PermissionRequest, asker: Asker, { cancel, withdrawn }: { readonly cancel: AbortSignal; readonly withdrawn: AbortSignal }): Promise<Answer | undefined> {
  return asker.ask({ kind: 'permission', text: title, tool: { kind, command, paths: [...paths] } }, cancel, withdrawn)
}

function toPermission(answer: Answer | undefined): PermissionAnswer {
  if (answer === undefined) return { kind: 'cancelled' }
  if (answer.kind === 'allow') return answer
  return { kind: 'refuse', because: answer.kind === 'refuse' ? answer.because : answer.text }
}

async function factsOf({ kind, command, paths, mcpServer }: PermissionRequest, care: TalkCare): Promise<PermissionFacts> {
  return { kind, command, ...(await placePaths(paths, care)), own: care.ownServer !== undefined && mcpServer === care.ownServer, confined: care.confined }
}

/** Whether the disk of this system usually takes names that differ in capitals for one. */
const nocase = process.platform === 'darwin' || process.platform === 'win32'

function matchPath(globs: readonly string[], path: string): boolean {
  return picomatch([...globs], { dot: true, flags: 's', nocase })(path)
}
