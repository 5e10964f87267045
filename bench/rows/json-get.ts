import type { Socket } from 'node:net'
import { askRepeatedly, openSockets, requestOf } from '../http/sockets.ts'
import { startServers } from '../http/start-servers.ts'
import { measurePaired, type Side } from '../paired.ts'
import type { Row } from '../row.ts'

const connections = 64
const requests = 4_000

/** A JSON answer of 2 KB through guard, token, routes and headers, against node's own server that only writes it as JSON. */
export async function jsonGet(folder: string): Promise<Row> {
  const servers = await startServers(folder)
  const side = (sockets: readonly Socket[], request: string): Side<void> => ({ prepare: () => undefined, run: () => askRepeatedly(sockets, request, requests) })
  const [ours, floor] = await Promise.all([openSockets(servers.ours, connections), openSockets(servers.node, connections)])
  const paired = await measurePaired(
    9,
    side(ours, requestOf(servers.ours, '/api/tasks', { authorization: `Bearer ${servers.token}` })),
    side(floor, requestOf(servers.node, '/api/tasks', {})),
  )
  for (const socket of [...ours, ...floor]) socket.destroy()
  await servers.stop()
  // At least 0.7 times as many answers a second.
  return { name: `${requests} JSON answers, ${connections} connections`, floor: "node's own server", goal: 1 / 0.7, paired }
}
