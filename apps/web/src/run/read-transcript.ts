import type { RunId } from '@signalbox/core'
import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import { api } from '../api/client.ts'
import { connection } from '../api/connection.ts'
import { watchTranscript } from '../api/live.ts'
import { rowsOf, type TranscriptRow } from './transcript-rows.ts'

/** A transcript as far as it was read. `failed` is why there is no more of it. */
export interface TranscriptState {
  readonly rows: () => readonly TranscriptRow[]
  readonly failed: () => unknown
  readonly read: () => boolean
}

/** Reads a run's transcript, and goes on reading whenever it has grown. */
export function readTranscript(run: RunId): TranscriptState {
  const [rows, setRows] = createSignal<readonly TranscriptRow[]>([])
  const [failed, setFailed] = createSignal<unknown>()
  const [read, setRead] = createSignal(false)
  const grown = watchTranscript(run)
  let next = 0
  let open = true
  let again = false
  let busy = false
  onCleanup(() => (open = false))

  async function readOn(): Promise<void> {
    if (busy) return void (again = true)
    busy = true
    try {
      do {
        again = false
        const more = await api.readTranscript(run, { from: next })
        again = again || more.next > next
        next = more.next
        if (!open) return
        if (more.lines.length > 0) setRows((now) => [...now, ...rowsOf(more.lines)])
        setRead(true)
      } while (again)
      setFailed(undefined)
    } catch (error) {
      setFailed(error)
    } finally {
      busy = false
    }
  }

  createEffect(on(grown, () => void readOn()))
  // What was written while the server was away is read when it is back.
  createEffect(on(connection.away, (away) => (away ? undefined : void readOn()), { defer: true }))
  return { rows, failed, read }
}
