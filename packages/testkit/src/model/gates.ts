/** Places a scenario waits at until a test opens them. */
export interface Gates {
  open(name: string): void
  /** Returns once the gate is open, at once if it is, or the caller is gone. */
  wait(name: string, gone: AbortSignal): Promise<void>
}

/** Creates gates that are all closed. */
export function createGates(): Gates {
  const opened = new Set<string>()
  const waiting = new Map<string, (() => void)[]>()
  return {
    open(name) {
      opened.add(name)
      for (const wake of waiting.get(name) ?? []) wake()
      waiting.delete(name)
    },
    async wait(name, gone) {
      if (opened.has(name) || gone.aborted) return
      await new Promise<void>((wake) => {
        waiting.set(name, [...(waiting.get(name) ?? []), wake])
        gone.addEventListener('abort', () => wake(), { once: true })
      })
    },
  }
}
