import type { Outcome } from '@signalbox/core'

/** How a run came to its end, and who noticed. */
export interface RunEnd {
  readonly outcome: Outcome
  readonly because: string
  readonly by: 'run' | 'recovery'
}
