import type { AgentEvent, Conversation, Launch, PermissionAnswer, PermissionRequest } from '@signalbox/core'
import { asObject, asText, type Json } from '../headless/json.ts'
import type { RpcId } from './peer.ts'
import { chooseOption, type Outcome } from './permission.ts'
import type { AcpQuirks } from './profile.ts'
import { describeNameless, type ToolCalls } from './tool-calls.ts'

/** What an agent asks to be allowed, from question to answer. */
export interface Questions {
  /** Answers a `session/request_permission`, however long that takes. */
  ask(params: Json, id: RpcId): Promise<{ readonly outcome: Outcome }>
  /** The agent took a request of its own back. */
  withdraw(id: unknown): void
  /** Answers everything open, and all that is asked from now on, as cancelled. */
  cancelAll(): void
  /** The title of what was refused, if nothing was begun since. */
  refusedLast(): string | undefined
}

interface Asker {
  readonly talk: Pick<Conversation, 'askPermission'>
  readonly mcp: Launch['mcp']
  readonly quirks: AcpQuirks
  readonly tools: ToolCalls
  readonly tell: (event: AgentEvent | undefined) => void
  /** A question that could not be put ends the conversation. */
  readonly fail: (error: unknown) => void
}

export function createQuestions({ talk, mcp, quirks, tools, tell, fail }: Asker): Questions {
  const open = new Map<RpcId, { readonly answer: (answer: PermissionAnswer) => void; readonly withdrawn: AbortController }>()
  let asked = 0
  let isCancelled = false
  let refused: { readonly title: string; readonly calls: number } | undefined

  /** Says what is known of the call by now, with what the question adds to it. */
  function read(call: Json): PermissionRequest {
    const tool = asText(call['toolCallId']) ?? null
    const mcpServer = quirks.toolServer({ announced: tools.announced(tool ?? ''), asked: call }, mcp?.name ?? '') ?? null
    tell(tools.take(call))
    const { kind = 'other', title = 'something it does not name', command = null, paths = [] } = tools.known(tool ?? '') ?? describeNameless(call, quirks)
    return { id: `q${++asked}`, tool, kind, title, command, paths, mcpServer }
  }

  /** Our own tool server is there to be used: it is known by the name we gave it, and guards itself. */
  async function decide(request: PermissionRequest, id: RpcId): Promise<PermissionAnswer> {
    if (isCancelled) return { kind: 'cancelled' }
    if (mcp !== undefined && request.mcpServer === mcp.name) return { kind: 'allow', lasting: 'once' }
    tell({ type: 'permission', id: request.id, tool: request.tool, title: request.title, state: 'asked' })
    if (request.tool !== null) tell(tools.set(request.tool, 'waiting'))
    const withdrawn = new AbortController()
    const cancelled = new Promise<PermissionAnswer>((answer) => open.set(id, { answer, withdrawn }))
    try {
      return await Promise.race([cancelled, talk.askPermission(request, withdrawn.signal)])
    } catch (error) {
      fail(error)
      return { kind: 'cancelled' }
    } finally {
      if (open.get(id)?.withdrawn === withdrawn) open.delete(id)
    }
  }

  return {
    async ask(params, id) {
      const request = read(asObject(params['toolCall']))
      const answer = await decide(request, id)
      const { outcome, state, instead } = chooseOption(params['options'], answer, quirks.lastingAllow)
      if (instead !== undefined) tell({ type: 'notice', level: 'warning', text: `${instead}, so it was refused: ${request.title}` })
      tell({ type: 'permission', id: request.id, tool: request.tool, title: request.title, state })
      if (request.tool !== null && state !== 'cancelled') tell(tools.set(request.tool, state === 'allowed' ? 'running' : 'refused'))
      if (state === 'refused') refused = { title: request.title, calls: tools.count() }
      return { outcome }
    },
    withdraw(id) {
      const found = typeof id === 'string' || typeof id === 'number' ? open.get(id) : undefined
      found?.answer({ kind: 'cancelled' })
      found?.withdrawn.abort()
    },
    cancelAll() {
      isCancelled = true
      for (const { answer } of open.values()) answer({ kind: 'cancelled' })
    },
    refusedLast: () => (refused !== undefined && refused.calls === tools.count() ? refused.title : undefined),
  }
}
