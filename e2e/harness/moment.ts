import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Killable } from './killable.ts'

/** When to kill: so many milliseconds after something was seen. */
export interface Moment {
  readonly after: string
  /** Resolves when it is seen; looks no longer once `over` says so. */
  readonly seen: (over: AbortSignal) => Promise<void>
  readonly ms: number
}

/** Waits for a moment of a call; returns at once when the call ended before. */
export async function awaitMoment(call: Killable, { seen, ms }: Omit<Moment, 'after'>): Promise<void> {
  const over = new AbortController()
  const ended = call.ended.then(() => true)
  await Promise.race([ended, seen(over.signal).then(() => delay(ms))])
  over.abort()
}

/** Sees at once. */
export async function now(): Promise<void> {}

/** Sees what is true at one look a millisecond. */
export function whenTrue(look: () => boolean): Moment['seen'] {
  return async (over) => {
    while (!over.aborted && !look()) await delay(1)
  }
}

/** Sees a file when it is made in a folder that is there, as soon as the system tells: it may be gone a few milliseconds later. */
export function whenMade(files: readonly string[]): Moment['seen'] {
  return (over) =>
    new Promise((resolve) => {
      const watchers = files.map((file) => watch(dirname(file), (_event, name) => name === basename(file) && resolve()))
      over.addEventListener('abort', () => {
        for (const watcher of watchers) watcher.close()
        resolve()
      })
    })
}

/** Returns `count` numbers spread evenly over `range`, each at random within its share. */
export function spread(count: number, range: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ((index + Math.random()) / count) * range)
}
