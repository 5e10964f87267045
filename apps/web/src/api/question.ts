import type { QueryKey } from '@tanstack/query-core'

/** A question to the server, and the one key its answer is kept under. */
export interface Question<T> {
  readonly queryKey: QueryKey
  readonly queryFn: () => Promise<T>
  /** Milliseconds for which an answer is not asked for again by itself. */
  readonly staleTime?: number
  /** Milliseconds after which it is asked again while it is on screen. */
  readonly refetchInterval?: number
  readonly refetchOnWindowFocus?: boolean | 'always'
  /** Whether it is asked at all; true when absent. */
  readonly enabled?: boolean
}
