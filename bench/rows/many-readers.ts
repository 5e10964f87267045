import { setTimeout as delay } from 'node:timers/promises'
import { openReaders } from '../http/readers.ts'
import { startServers } from '../http/start-servers.ts'
import type { Row } from '../row.ts'

const perSecond = 20
const roundMs = 10_000

/** Milliseconds until the 99th of a hundred events is read, from when it was made, against a bound. Every reader gets every one, in order. */
export async function manyReaders(folder: string, count: number, boundMs: number): Promise<Row> {
  const servers = await startServers(folder)
  const lags: number[] = []
  const readers = await openReaders({ port: servers.ours, token: servers.token }, count, ({ made }) => lags.push(Date.now() - made))
  await servers.ask({ kind: 'tell', perSecond, padding: 100 })
  // Begins once all are being sent to.
  while (readers.some((reader) => reader.last() === undefined)) await delay(20)
  lags.length = 0
  await delay(roundMs)
  const sorted = lags.toSorted((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  for (const reader of readers) reader.leave()
  await servers.stop()
  return { name: `p99 from event to reader, ${count} readers, ${perSecond} events a second`, floor: `a bound of ${boundMs} ms`, goal: 1, paired: { ours: [p99], floor: [boundMs] } }
}
