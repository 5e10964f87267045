import { setTimeout as delay } from 'node:timers/promises'

/** Waits that can be cut short. */
export interface Pause {
  /** Returns after so many milliseconds, or once it is woken or over. */
  wait(ms: number): Promise<void>
  wake(): void
}

/** Makes one that ends for good when `over` fires. */
export function createPause(over: AbortSignal): Pause {
  let woken = new AbortController()
  return {
    wait: async (ms) => {
      woken = new AbortController()
      const signal = AbortSignal.any([over, woken.signal])
      await delay(ms, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    },
    wake: () => woken.abort(),
  }
}
