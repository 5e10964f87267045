import * as z from 'zod'

/** What kind of thing a tool of an agent does; the kinds of the Agent Client Protocol. */
export const toolKinds = ['read', 'edit', 'delete', 'move', 'search', 'execute', 'think', 'fetch', 'other'] as const
export type ToolKind = (typeof toolKinds)[number]

/** How far a tool call has come. `refused`: it was not permitted. `abandoned`: its turn ended and it never said how it did. */
export const toolStatuses = ['proposed', 'waiting', 'running', 'done', 'failed', 'refused', 'abandoned'] as const
export type ToolStatus = (typeof toolStatuses)[number]

/** How a turn ended. `limit`: the agent's own bound of tokens or requests. `quota`: the provider takes no more for now. `lost`: it never said. */
export const stopReasons = ['done', 'cancelled', 'refused', 'limit', 'quota', 'error', 'lost'] as const
export type StopReason = (typeof stopReasons)[number]

/** A file an agent says it changed: a claim, whatever it shows. */
export const claimedEditSchema = z.object({ path: z.string(), change: z.enum(['add', 'modify', 'delete', 'move']) })
export type ClaimedEdit = z.infer<typeof claimedEditSchema>

const amount = z.number().nonnegative()

/** What an agent can say or do. */
export const agentEventTypes = ['session', 'message', 'thought', 'plan', 'tool', 'permission', 'usage', 'notice', 'error', 'turn', 'unknown'] as const

/** One thing that an agent said or did, in the same shape whichever agent it is. Everything in it is the agent's claim. */
export const agentEventSchema = z.discriminatedUnion('type', [
  /** The session of the agent's own that can be gone on with later. */
  z.object({ type: z.literal('session'), id: z.string(), how: z.enum(['new', 'loaded', 'resumed']), model: z.string().nullable(), mode: z.string().nullable() }),
  /** `partial`: the next message goes on where this one stops. */
  z.object({ type: z.literal('message'), text: z.string(), partial: z.boolean() }),
  z.object({ type: z.literal('thought'), text: z.string(), partial: z.boolean() }),
  /** The whole plan, in place of the one before. */
  z.object({ type: z.literal('plan'), entries: z.array(z.object({ text: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) })) }),
  /** What is known of a tool call by now: what an earlier event of the same `id` said stays, where this one does not say it. */
  z.object({
    type: z.literal('tool'),
    id: z.string(),
    status: z.enum(toolStatuses),
    kind: z.enum(toolKinds).optional(),
    title: z.string().optional(),
    command: z.string().optional(),
    /** As the agent names them: absolute, or from its folder. */
    paths: z.array(z.string()).optional(),
    edits: z.array(claimedEditSchema).optional(),
    output: z.string().optional(),
    exitCode: z.int().nullable().optional(),
  }),
  /** `refused` and `allowed` say how it was answered; `id` is that of the question, `tool` of the call. */
  z.object({ type: z.literal('permission'), id: z.string(), tool: z.string().nullable(), title: z.string(), state: z.enum(['asked', 'allowed', 'refused', 'cancelled']) }),
  /** Tokens; `scope` says of what they are the sum. `context`: tokens of the window in use, and its size. */
  z.object({
    type: z.literal('usage'),
    scope: z.enum(['step', 'turn', 'session']),
    input: amount.optional(),
    output: amount.optional(),
    cached: amount.optional(),
    cost: z.object({ amount, currency: z.string() }).optional(),
    context: z.object({ used: amount, size: amount }).optional(),
  }),
  z.object({ type: z.literal('notice'), level: z.enum(['info', 'warning']), text: z.string() }),
  /** `retryAt`: the instant it may work again (ISO 8601 UTC), where the agent says. */
  z.object({ type: z.literal('error'), where: z.enum(['model', 'agent', 'protocol']), text: z.string(), code: z.string().optional(), retryAt: z.string().optional() }),
  /** `source`: whether the agent said so, its exit does, or it is inferred. */
  z.object({ type: z.literal('turn'), stop: z.enum(stopReasons), because: z.string(), source: z.enum(['event', 'exit', 'inferred']) }),
  /** What this version does not know, as it was written. */
  z.object({ type: z.literal('unknown'), name: z.string(), raw: z.string() }),
])
export type AgentEvent = z.infer<typeof agentEventSchema>
export type AgentEventOf<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>
