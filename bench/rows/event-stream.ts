import { setTimeout as delay } from 'node:timers/promises'
import { countFrames, openSockets, requestOf } from '../http/sockets.ts'
import { startServers, type Servers } from '../http/start-servers.ts'
import type { Row } from '../row.ts'

const perSecond = 1_000
const roundMs = 1_500
const rounds = 5

/** Server time for a million delivered events at 1,000 a second, against Hono's own helper in the same process. */
export async function eventStream(folder: string, readers: number, times: number): Promise<Row> {
  const servers = await startServers(folder)
  const ours: number[] = []
  const floor: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const taken = { ours: await costOf(servers, servers.ours, readers), floor: await costOf(servers, servers.helper, readers) }
    // The first round warms up.
    if (round === 0) continue
    ours.push(taken.ours)
    floor.push(taken.floor)
  }
  await servers.stop()
  return { name: `a million events delivered, ${readers} readers (server CPU)`, floor: "Hono's streamSSE", goal: 1 / times, paired: { ours, floor } }
}

/** Returns milliseconds of server CPU for a million delivered events. */
async function costOf(servers: Servers, port: number, readers: number): Promise<number> {
  const sockets = await openSockets(port, readers)
  const frames = countFrames(sockets)
  for (const socket of sockets) socket.write(requestOf(port, '/api/events', { accept: 'text/event-stream', authorization: `Bearer ${servers.token}` }))
  await servers.ask({ kind: 'tell', perSecond, padding: 100 })
  // Begins once all readers are being sent to.
  while (frames.count() < readers * 100) await delay(20)
  const [before, countBefore] = [await servers.ask({ kind: 'look' }), frames.count()]
  await delay(roundMs)
  const [after, countAfter] = [await servers.ask({ kind: 'look' }), frames.count()]
  await servers.ask({ kind: 'tell', perSecond: 0, padding: 0 })
  for (const socket of sockets) socket.destroy()
  return ((after.cpuMs - before.cpuMs) / (countAfter - countBefore)) * 1_000_000
}
