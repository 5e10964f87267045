import type { RunId } from './ids.ts'
import type { LoggedEvent } from './run-event.ts'

/** Something changed in a control plane, by whomever: this process, another one, or a human with an editor. */
export type LiveChange =
  /** A fact was appended to a run's log. Per run they come in order and each once. */
  | { readonly kind: 'run'; readonly event: LoggedEvent }
  /** Files of the memory repo changed; paths from its top, sorted. Empty when it is not known which. */
  | { readonly kind: 'records'; readonly paths: readonly string[] }

/** Stops following; calling it again does nothing. */
export type Unfollow = () => void

/** Follows what happens in a control plane. */
export interface Live {
  /** Calls `told` for every change from now on. */
  follow(told: (change: LiveChange) => void): Unfollow
  /** Calls `told` with the length in bytes whenever the transcript of a run has grown, and once at the beginning. */
  followTranscript(run: RunId, told: (bytes: number) => void): Unfollow
}
