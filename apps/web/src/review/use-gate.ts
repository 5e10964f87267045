import type { MergeStrategy, RunId } from '@signalbox/core'
import { createSignal, onCleanup, onMount } from 'solid-js'
import { connection } from '../api/connection.ts'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'

/** Milliseconds between looks while the page is seen: targets change without telling anybody. */
const LOOK_EVERY = 3_000

/** Milliseconds after which a look is no longer believed. Two looks may be lost or slow; a third is trouble. */
const BELIEVED = 10_000

/** Returns the gate of a run for one way of landing (none: as it was approved), asked again and again, and whether the last answer can be acted on. */
export function useGate(run: () => RunId, strategy: () => MergeStrategy | undefined) {
  const gate = useQuery(() => ({ ...queries.gate(run(), strategy()), refetchInterval: LOOK_EVERY, refetchOnWindowFocus: 'always' as const }))
  const [now, setNow] = createSignal(Date.now())
  const look = (): void => {
    setNow(Date.now())
    if (document.visibilityState === 'visible') void gate.refetch()
  }
  onMount(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1_000)
    document.addEventListener('visibilitychange', look)
    onCleanup(() => {
      clearInterval(ticking)
      document.removeEventListener('visibilitychange', look)
    })
  })
  /** Why the last answer is not to be acted on; undefined when it is. */
  const stale = (): string | undefined => {
    if (connection.away()) return 'The server is away; what you see may no longer be true.'
    if (gate.isError) return 'The last look failed, so nothing can land from here.'
    if (now() - gate.dataUpdatedAt > BELIEVED) return 'Looking again before anything can land…'
    return undefined
  }
  return { gate, stale }
}
