import { messageOf } from '@signalbox/core'

/** Work that no answer waits for. A failure is a warning: whoever comes next takes it up again. */
export interface Behind {
  add(work: () => Promise<void>): void
  /** Resolves once everything added so far has ended. */
  ended(): Promise<void>
}

/** Creates one for a control plane. */
export function createBehind(): Behind {
  let last = Promise.resolve()
  return {
    add: (work) => {
      last = last.then(work).catch((error: unknown) => process.emitWarning(`What was taken away is not all deleted yet: ${messageOf(error)}`, 'SignalboxWarning'))
    },
    ended: () => last,
  }
}
