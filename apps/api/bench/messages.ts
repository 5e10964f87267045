/** What the server process is asked to do; it always answers with `Used`. */
export type Asked =
  | { readonly kind: 'look' }
  /** Tells so many events a second from now on, each padded by so many characters. */
  | { readonly kind: 'tell'; readonly perSecond: number; readonly padding: number }

/** What the server process has used since it was started. */
export interface Used {
  readonly cpuMs: number
  readonly rssMb: number
  /** Events told so far. */
  readonly told: number
}

/** Ports of the three servers, and the token that ours asks for. */
export interface Ready {
  readonly ours: number
  readonly token: string
  readonly node: number
  readonly helper: number
}
