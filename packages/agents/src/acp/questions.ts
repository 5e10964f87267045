import type { AgentEvent, Conversation, Launch, PermissionAnswer, PermissionRequest } from '@signalbox/core'
import { asId, asObject, type Json } from '../output/json.ts'
import { refuseUnasked } from '../output/undecidable.ts'
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
  const open = new Set<{ readonly id: RpcId; readonly answer: (answer: PermissionAnswer) => void; readonly withdrawn: AbortController }>()
  let asked = 0
  let isCancelled = false
  let refused: { readonly title: string; readonly calls: number } | undefined

  /** Says what is known of the call by now, with what the question adds to it. */
  function read(call: Json): { readonly request: PermissionRequest; readonly isCut: boolean } {
    const tool = asId(call['toolCallId']) ?? null
    const mcpServer = quirks.toolServer({ announced: tools.announced(tool ?? ''), asked: call }, mcp?.name ?? '') ?? null
    tell(tools.take(call))
    const { kind = 'other', title = 'something it does not name', command = null, paths = [], isCut } = tool === null ? describeNameless(call, quirks) : { ...tools.known(tool), isCut: tools.isCut(tool) }
    return { request: { id: `q${++asked}`, tool, kind, title, command, paths, mcpServer }, isCut }
  }

  /** Our own tool server is there to be used: it is known by the name we gave it, and guards itself. */
  async function decide({ request, isCut }: ReturnType<typeof read>, id: RpcId): Promise<PermissionAnswer> {
    if (isCancelled) return { kind: 'cancelled' }
    if (mcp !== undefined && request.mcpServer === mcp.name) return { kind: 'allow', lasting: 'once' }
    const because = refuseUnasked(isCut, open.size)
    if (because !== undefined) {
      tell({ type: 'notice', level: 'warning', text: `${because}, so it was refused: ${request.title}` })
      return { kind: 'refuse', because }
    }
    tell({ type: 'permission', id: request.id, tool: request.tool, title: request.title, state: 'asked' })
    if (request.tool !== null) tell(tools.set(request.tool, 'waiting'))
    let answer: (answer: PermissionAnswer) => void = () => {}
    const cancelled = new Promise<PermissionAnswer>((resolve) => (answer = resolve))
    const withdrawn = new AbortController()
    const question = { id, answer, withdrawn }
    open.add(question)
    try {
      return await Promise.race([cancelled, talk.askPermission(request, withdrawn.signal)])
    } catch (error) {
      fail(error)
      return { kind: 'cancelled' }
    } finally {
      open.delete(question)
    }
  }

  return {
    async ask(params, id) {
      const question = read(asObject(params['toolCall']))
      const { request } = question
      const answer = await decide(question, id)
      const { outcome, state, instead } = chooseOption(params['options'], answer, quirks.lastingAllow)
      if (instead !== undefined) tell({ type: 'notice', level: 'warning', text: `${instead}, so it was refused: ${request.title}` })
      tell({ type: 'permission', id: request.id, tool: request.tool, title: request.title, state })
      if (request.tool !== null && state !== 'cancelled') tell(tools.set(request.tool, state === 'allowed' ? 'running' : 'refused'))
      if (state === 'refused') refused = { title: request.title, calls: tools.count() }
      return { outcome }
    },
    withdraw(id) {
      for (const question of open) {
        if (question.id !== id) continue
        question.answer({ kind: 'cancelled' })
        question.withdrawn.abort()
      }
    },
    cancelAll() {
      isCancelled = true
      for (const { answer } of open) answer({ kind: 'cancelled' })
    },
    refusedLast: () => (refused !== undefined && refused.calls === tools.count() ? refused.title : undefined),
  }
}
