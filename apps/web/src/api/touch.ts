import type { QueryKey } from '@tanstack/query-core'
import { queryClient } from './query-client.ts'

/** Milliseconds that changes are gathered for: a run's end is a handful of events, and one look afterwards is enough. */
const gatherMs = 60

let gathered: readonly QueryKey[] | undefined = []
let timer: ReturnType<typeof setTimeout> | undefined

/** Has the answers under these keys asked for again soon, once; `undefined` means all of them. */
export function touch(keys: readonly QueryKey[] | undefined): void {
  gathered = keys === undefined || gathered === undefined ? undefined : [...gathered, ...keys]
  timer ??= setTimeout(askAgain, gatherMs)
}

function askAgain(): void {
  const keys = gathered
  gathered = []
  timer = undefined
  if (keys === undefined) return void queryClient.invalidateQueries()
  const distinct = new Map(keys.map((key) => [JSON.stringify(key), key]))
  for (const queryKey of distinct.values()) void queryClient.invalidateQueries({ queryKey })
}
