import { once } from 'node:events'
import type { Server } from 'node:http'
import { ControlError, messageOf } from '@signalbox/core'

/** Which port to listen on. */
export interface PortChoice {
  /** A port that has to be it; 0 or undefined leaves the choice to us. */
  readonly wanted: number | undefined
  /** The port of last time, taken again where it is free. */
  readonly usual: number | undefined
}

/** Sockets that listen, on one port. */
export interface Listening {
  readonly port: number
  readonly servers: readonly Server[]
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/** Refuses a host that others could reach. @throws ControlError `server.not_local` */
export function requireLoopback(host: string): void {
  if (loopback.has(host)) return
  throw new ControlError('server.not_local', `A server listens on this machine only, not on ${host}`, { hint: 'Leave --host out; to reach it from elsewhere, forward its port over SSH' })
}

/** Tries for a port that is free on both addresses. */
const attempts = 20

/**
 * Listens on 127.0.0.1 and, where the machine has it, on ::1, with the same port: a name such as localhost may mean either,
 * and must not lead to somebody else.
 * @throws ControlError `server.port_taken` when the wanted port is not free on both
 */
export async function listenOnLoopback(createServer: () => Server, { wanted, usual }: PortChoice): Promise<Listening> {
  if (wanted !== undefined && wanted !== 0) {
    const taken = await tryPort(createServer, wanted)
    if (taken !== undefined) return taken
    throw new ControlError('server.port_taken', `Port ${wanted} is taken by another program`, { hint: 'Name another with --port, or leave it out for a free one', data: { port: wanted } })
  }
  const again = usual === undefined ? undefined : await tryPort(createServer, usual)
  if (again !== undefined) return again
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const free = await tryPort(createServer, 0)
    if (free !== undefined) return free
  }
  throw new ControlError('server.port_taken', 'No port is free on both 127.0.0.1 and ::1', { hint: 'Name one with --port' })
}

async function tryPort(createServer: () => Server, port: number): Promise<Listening | undefined> {
  const first = createServer()
  if ((await listen(first, '127.0.0.1', port)) !== 'listening') return undefined
  const address = first.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  const second = createServer()
  const outcome = await listen(second, '::1', address.port)
  if (outcome === 'listening') return { port: address.port, servers: [first, second] }
  if (outcome === 'no_address') return { port: address.port, servers: [first] }
  first.close()
  return undefined
}

async function listen(server: Server, host: string, port: number): Promise<'listening' | 'taken' | 'no_address'> {
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    return 'listening'
  } catch (error) {
    switch (codeOfSystem(error)) {
      case 'EADDRINUSE':
        return 'taken'
      case 'EADDRNOTAVAIL':
      case 'EAFNOSUPPORT':
        return 'no_address'
      case 'EACCES':
        throw new ControlError('server.port_taken', `Port ${port} may not be used: ${messageOf(error)}`, { hint: 'Name one above 1023 with --port', cause: error })
      default:
        throw error
    }
  }
}

function codeOfSystem(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
