import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ControlError, type RunId } from '@signalbox/core'
import type { Environment } from '@signalbox/memory'
import { signalProcess } from '@signalbox/orchestrator'
import { createStarter } from '@signalbox/programs'
import { createControlPlane, type ControlPlane } from '../compose.ts'
import { findRunning, isAlive, type Announcement } from '../server/instance.ts'
import { mintCode } from '../server/launch-codes.ts'
import { writeLaunchPage } from '../server/launch-page.ts'
import { requireLoopback } from '../server/listen.ts'
import { linkTo, serve, type RunningServer } from '../server/serve.ts'
import type { WebFiles } from '../server/static-files.ts'
import { mintToken } from '../server/tokens.ts'
import { openServerState, placeOf } from './server-state.ts'

/** Which memory repo is meant, and whose machine this is. */
export interface ServerPlace {
  /** Folder of the memory repo. */
  readonly memory: string
  readonly env?: Environment
}

export interface ServeMemoryOptions extends ServerPlace {
  /** Port it has to be; undefined takes that of last time, or any free one. */
  readonly port?: number | undefined
  /** A name of this machine; any other is refused. */
  readonly host?: string | undefined
  /** The pages, by path; without them there is only the API. */
  readonly files?: WebFiles | undefined
  /** Version of the program, for whoever has a token. */
  readonly version: string
  /** What starts the command line here, for commands that are copied; `signalbox` by default. */
  readonly launcher?: string
  /** Gets lines for a log. */
  readonly note?: (line: string) => void
  /** Told of bugs. */
  readonly onUnexpected?: (error: unknown) => void
}

/**
 * Serves the control plane of a memory repo on loopback, to whoever has a token.
 * @throws ControlError `server.running`, `server.port_taken`, `server.not_local`, or what opening the control plane throws
 */
export async function serveMemory({ memory, env = process.env, port, host, files = new Map(), version, launcher = 'signalbox', note = () => {}, onUnexpected }: ServeMemoryOptions): Promise<RunningServer> {
  if (host !== undefined) requireLoopback(host)
  return serve({
    state: openServerState(memory, env),
    served: { product: 'Signalbox', program: 'signalbox', launcher, version, memory: placeOf(memory) },
    openPlane: async () => ({ ...(await openPlane(memory, env)), ...(onUnexpected === undefined ? {} : { onUnexpected }) }),
    files,
    port,
    note,
  })
}

/** A server lives long and grows; what it starts is started from a process that stays small. */
async function openPlane(memory: string, env: Environment): Promise<ControlPlane> {
  const starter = createStarter()
  try {
    const plane = await createControlPlane({ memory, env, programs: starter })
    return { ...plane, close: () => plane.close().finally(() => starter.close()) }
  } catch (error) {
    starter.close()
    throw error
  }
}

/** Returns the server of a memory repo that runs now. @throws ControlError `server.not_running` */
export async function findServer({ memory, env = process.env }: ServerPlace): Promise<Announcement> {
  const running = await findRunning(openServerState(memory, env))
  if (running !== undefined) return running
  throw new ControlError('server.not_running', 'No server of this memory repo runs', { hint: 'Start one: signalbox serve --detach' })
}

/** Milliseconds a server gets to end: its calls under way have ten seconds. */
const stopMs = 20_000

/** Ends the server of a memory repo and returns which it was; runs go on. @throws ControlError `server.not_running`, `state.locked` */
export async function stopServer(place: ServerPlace): Promise<Announcement> {
  const running = await findServer(place)
  const state = openServerState(place.memory, place.env ?? process.env)
  signalProcess(running.pid, 'SIGTERM')
  const until = performance.now() + stopMs
  while (isAlive(state, running)) {
    if (performance.now() > until) throw new ControlError('state.locked', `The server (pid ${running.pid}) did not end`, { hint: `A call of it takes long; try again, or end it: kill -9 ${running.pid}` })
    await delay(20)
  }
  return running
}

/** A link that lets one page in, once. */
export interface Link {
  readonly link: string
  readonly expiresAt: string
}

/** Returns a fresh link to the server that runs. @throws ControlError `server.not_running` */
export async function createLink(place: ServerPlace): Promise<Link> {
  const { url } = await findServer(place)
  const { code, expiresAt } = await mintCode(openServerState(place.memory, place.env ?? process.env), new Date())
  return { link: linkTo(url, code), expiresAt }
}

/** Writes a page only its owner can read that leads a browser to a link, and returns its path: a link in arguments is seen by all. */
export function createLaunchPage({ memory, env = process.env }: ServerPlace, { link }: Link): Promise<string> {
  return writeLaunchPage(openServerState(memory, env), link)
}

/** Returns a fresh bearer token: a human's, or that of the agent of one run. It needs no server to run. @throws ControlError `run.not_found` */
export async function createToken({ memory, env = process.env }: ServerPlace, run?: RunId): Promise<string> {
  const state = openServerState(memory, env)
  const now = new Date().toISOString()
  if (run === undefined) return mintToken(state, { role: 'cli', run: null }, now)
  const plane = await createControlPlane({ memory, env })
  try {
    await plane.human.readEvents(run)
  } finally {
    await plane.close()
  }
  return mintToken(state, { role: 'agent', run }, now)
}

/** Path of the log of a server that runs in the background. */
export function serverLogOf({ memory, env = process.env }: ServerPlace): string {
  return join(openServerState(memory, env).folder, 'server.log')
}
