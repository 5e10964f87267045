/** What a measured process is asked to do. */
export type Asked =
  /** Says what memory it has once what it needs no more is let go of. */
  | { readonly kind: 'look' }
  /** Starts so many processes, one after the other. */
  | { readonly kind: 'spawn'; readonly count: number }

export interface Memory {
  /** Kilobytes of what lives: objects, and buffers beside them. */
  readonly livingKb: number
  readonly rssMb: number
}

/** What it answers: `ms` of the start in the middle, of as many as it was asked for. */
export type Answered = Memory | { readonly ms: number }

/** Where it listens. */
export interface Ready {
  readonly url: string
}
