import { createLiveClient } from '@signalbox/api/client'
import type { RunId } from '@signalbox/core'
import { createEffect, createSignal, onCleanup, onMount } from 'solid-js'
import { send } from './client.ts'
import { connection } from './connection.ts'
import { readNewEvents } from './new-events.ts'
import { touch } from './touch.ts'
import { touchedByEvent, touchedByPaths } from './touched.ts'

const client = createLiveClient({ fetch: send, baseUrl: location.origin })

/** The run whose transcript is on screen, and how long it is by now. */
const [watched, setWatched] = createSignal<RunId>()
const [grown, setGrown] = createSignal<{ readonly run: RunId; readonly bytes: number }>()

/** Where the stream was when it was last read: it goes on from there. */
let lastEventId: string | undefined

/** Follows what happens in the control plane while this tab is seen: one stream, whatever page is open. */
export function followLive(): void {
  const [seen, setSeen] = createSignal(document.visibilityState === 'visible')
  const look = (): void => void setSeen(document.visibilityState === 'visible')
  onMount(() => document.addEventListener('visibilitychange', look))
  onCleanup(() => document.removeEventListener('visibilitychange', look))
  createEffect(() => {
    if (!seen()) return
    const stop = new AbortController()
    void read(watched(), stop.signal)
    onCleanup(() => stop.abort())
  })
}

/** Returns the length of a run's transcript each time it has grown, as long as the component lives. */
export function watchTranscript(run: RunId): () => number | undefined {
  onMount(() => setWatched(run))
  onCleanup(() => setWatched(undefined))
  return () => (grown()?.run === run ? grown()?.bytes : undefined)
}

async function read(transcript: RunId | undefined, signal: AbortSignal): Promise<void> {
  try {
    for await (const found of client.follow({ lastEventId, transcript, signal, onConnection })) {
      lastEventId = found.id ?? lastEventId
      switch (found.kind) {
        case 'reset':
          touch(undefined)
          break
        case 'run':
          readNewEvents(found.run)
          touch(touchedByEvent(found))
          break
        case 'records':
          touch(touchedByPaths(found.paths))
          break
        case 'transcript':
          setGrown({ run: found.run, bytes: found.bytes })
          break
        default:
          found satisfies never
      }
    }
  } catch {
    // The server refuses us; the request that learned it has locked the page, which says so.
  }
}

function onConnection(connected: boolean): void {
  if (!connected) connection.lost()
}
