import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds a condition may take on a busy machine. */
const deadlineMs = 20_000

/** Waits until `look` returns something else than `undefined`, and returns that; rejects, naming what it waited for, when it never does. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`)
    await delay(25)
  }
}
