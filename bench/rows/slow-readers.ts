import { setTimeout as delay } from 'node:timers/promises'
import { countFrames, openSockets, requestOf } from '../http/sockets.ts'
import { startServers, type Servers } from '../http/start-servers.ts'
import type { Row } from '../row.ts'

/** Megabytes that a server may grow by. */
const boundMb = 60

/** What a server grows by while some readers do not read and 200 MB of events pass, against a bound. */
export async function slowReaders(folder: string, readers: number): Promise<Row> {
  const servers = await startServers(folder)
  const [fast = fail(), ...slow] = await openSockets(servers.ours, readers + 1)
  const frames = countFrames([fast])
  const request = requestOf(servers.ours, '/api/events', { accept: 'text/event-stream', authorization: `Bearer ${servers.token}` })
  fast.write(request)
  // What was made to read events at this pace at all is not the slow readers' doing.
  await pass(servers, frames.count, 50)
  const before = (await servers.ask({ kind: 'look' })).rssMb
  for (const socket of slow) socket.pause().write(request)
  const highest = await pass(servers, frames.count, 200)
  for (const socket of [fast, ...slow]) socket.destroy()
  await servers.stop()
  return { name: `memory that ${readers} stalled readers cost`, floor: `a bound of ${boundMb} MB`, goal: 1, unit: 'MB', paired: { ours: [highest - before], floor: [boundMb] } }
}

const paddingChars = 10_000

/** Tells so many megabytes of events, all of which the reader that reads gets, and returns the most memory used meanwhile. */
async function pass(servers: Servers, got: () => number, megabytes: number): Promise<number> {
  const wanted = got() + (megabytes * 1_000_000) / paddingChars
  let highest = 0
  await servers.ask({ kind: 'tell', perSecond: 2_000, padding: paddingChars })
  while (got() < wanted) {
    await delay(20)
    highest = Math.max(highest, (await servers.ask({ kind: 'look' })).rssMb)
  }
  await servers.ask({ kind: 'tell', perSecond: 0, padding: 0 })
  return highest
}

function fail(): never {
  throw new Error('no connection was opened')
}
