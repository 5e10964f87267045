/** What a scripted model answers; each request an agent makes for its own work takes the next turn. */
export interface Scenario {
  readonly turns?: readonly Turn[]
  /** Answers once the turns are over. */
  readonly after?: Turn
  /** Answers a request the agent makes beside its work: titles, suggestions, memory. */
  readonly side?: string
  /** Last user texts that mean such a request, besides those of agents we know. */
  readonly sideIf?: readonly RegExp[]
  /** Whether a request for structured output takes a turn like any other; else it is answered with a sample of its schema. */
  readonly structured?: boolean
  /** Scenarios of their own for the addresses `URL/lane/NAME/…`. */
  readonly lanes?: Readonly<Record<string, Scenario>>
}

/** One answer of the model. */
export interface Turn {
  readonly steps: readonly Step[]
  /** What the request must hold somewhere; a miss becomes one of the lane's problems. */
  readonly expect?: RegExp
  /** How often it is served before the next one; once unless said. */
  readonly times?: number
  /** Milliseconds between two events of the stream. */
  readonly slow?: number
  readonly usage?: Partial<ModelUsage>
  /** Why the answer ends, where it is not because it is complete. */
  readonly finish?: 'length'
}

/** Tokens. */
export interface ModelUsage {
  readonly input: number
  readonly output: number
  readonly cached: number
}

/** One thing in an answer. Tools are the agent's own: found by the names and schemas it offers in that very request. */
export type Step =
  | { readonly say: string }
  | { readonly think: string }
  | { readonly writeFile: { readonly path: string; readonly content: string } }
  /** Where only patches are offered, whole lines are needed. */
  | { readonly editFile: { readonly path: string; readonly old: string; readonly new: string } }
  | { readonly readFile: string }
  | { readonly shell: string; readonly timeoutMs?: number }
  | { readonly plan: readonly { readonly text: string; readonly status: 'pending' | 'in_progress' | 'completed' }[] }
  /** A tool of a tool server; where such tools are held back, a search comes first and the turn is served again. */
  | { readonly mcp: { readonly server: string; readonly tool: string; readonly arguments?: Readonly<Record<string, unknown>> } }
  /** Exactly this call. */
  | { readonly tool: { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> } }
  | { readonly error: ModelError }
  | Pause

/** A failure of the provider, in the body its wire format has for it. */
export interface ModelError {
  readonly status: number
  readonly message?: string
  readonly type?: string
  /** Seconds, for the header `retry-after`. */
  readonly retryAfter?: number
}

/** `hang`: silence after what stands before it, until the caller goes. `drop`: the connection breaks. `gate`: until it is opened. */
export type Pause = { readonly hang: true } | { readonly drop: true } | { readonly gate: string } | { readonly waitMs: number }
