import type { RunId } from '@signalbox/core'
import { api } from './client.ts'
import { queryClient } from './query-client.ts'
import { queries } from './queries.ts'

type Events = Awaited<ReturnType<typeof api.readEvents>>

/** Runs whose new events are being read; true when more came meanwhile. */
const reading = new Map<RunId, boolean>()

/** Adds what a run's log has by now to the events on screen: only the new ones are asked for. */
export function readNewEvents(run: RunId): void {
  if (reading.has(run)) return void reading.set(run, true)
  reading.set(run, false)
  void append(run).finally(() => {
    const more = reading.get(run) === true
    reading.delete(run)
    if (more) readNewEvents(run)
  })
}

async function append(run: RunId): Promise<void> {
  const { queryKey } = queries.events(run)
  const known = queryClient.getQueryData<Events>(queryKey)
  if (known === undefined) return
  const last = known.events.at(-1)?.seq ?? 0
  try {
    const { events, ended } = await api.readEvents(run, { after: last })
    const now = queryClient.getQueryData<Events>(queryKey) ?? known
    const newest = now.events.at(-1)?.seq ?? 0
    queryClient.setQueryData(queryKey, { events: [...now.events, ...events.filter(({ seq }) => seq > newest)], ended })
  } catch {
    // Whoever looks at the events asks for all of them, and shows why that fails.
    await queryClient.invalidateQueries({ queryKey })
  }
}
