import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ControlError, hasCode, processIdentitySchema } from '@signalbox/core'
import * as z from 'zod'
import type { ServerState } from './server-state.ts'

/** Milliseconds a start waits for another one that is under way to say where it listens; on a busy machine that is one Node start. */
const announceMs = 20_000
const pollMs = 50

/** Where a server is, and which process; of a killed one the file stays, and names nobody who lives. */
const announcementSchema = z.object({ url: z.string(), ...processIdentitySchema.shape })
export type Announcement = z.infer<typeof announcementSchema>

const portSchema = z.object({ port: z.int() })

/** The right to be the server of a memory repo, held by a living process. */
export interface Instance {
  /** Tells everybody where this server is, for as long as this process lives. */
  announce(url: string, port: number): Promise<void>
  release(): Promise<void>
}

/**
 * Becomes the one server of a memory repo. Of many that start at once one wins; the others are told its address.
 * @throws ControlError `server.running` with `url` and `pid` as data
 */
export async function claimInstance(state: ServerState): Promise<Instance> {
  const until = performance.now() + announceMs
  for (;;) {
    const release = await tryHold(state)
    if (release !== undefined) return { announce: (url, port) => announce(state, url, port), release: () => withdraw(state, release) }
    const running = await findRunning(state)
    if (running !== undefined) throw alreadyRunning(running)
    if (performance.now() > until) throw new ControlError('state.locked', 'Another server of this memory repo is starting, and does not say where it listens', { hint: 'Try again; if it stays, end that process' })
    await delay(pollMs)
  }
}

/** Returns the server that runs now; undefined when none does. */
export async function findRunning(state: ServerState): Promise<Announcement | undefined> {
  const last = await readAnnouncement(state)
  return last !== undefined && isAlive(state, last) ? last : undefined
}

/** Tells whether exactly the process of an announcement still lives: a pid alone may have been given to somebody else. */
export function isAlive(state: Pick<ServerState, 'identify'>, { pid, startTime, bootId }: Announcement): boolean {
  const now = state.identify(pid)
  return now !== undefined && now.startTime === startTime && now.bootId === bootId
}

/** Returns the port the last server had; undefined when there never was one. */
export async function readLastPort(state: ServerState): Promise<number | undefined> {
  return (await state.readJson(portFileOf(state), portSchema, 'Delete that file; the next server then takes any free port'))?.port
}

async function announce(state: ServerState, url: string, port: number): Promise<void> {
  const identity = state.identify(process.pid)
  if (identity === undefined) throw new ControlError('internal.unexpected', 'This process could not read its own identity')
  await state.write(portFileOf(state), JSON.stringify({ port }))
  await state.write(announcementFileOf(state), JSON.stringify({ url, ...identity } satisfies Announcement))
}

async function withdraw(state: ServerState, release: () => Promise<void>): Promise<void> {
  await rm(announcementFileOf(state), { force: true })
  await release()
}

/** Returns what the last server said of itself, alive or not. */
export function readAnnouncement(state: ServerState): Promise<Announcement | undefined> {
  return state.readJson(announcementFileOf(state), announcementSchema, 'Delete that file once no server of this memory repo runs')
}

/** Takes the lifetime lock without waiting and returns what releases it; undefined when somebody holds it. */
function tryHold({ locks, folder }: ServerState): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const untilReleased = () => new Promise<void>((release) => resolve(() => (release(), held)))
    const held = locks.hold(join(folder, 'server.lock'), untilReleased, { waitMs: 0 })
    held.catch((error: unknown) => (hasCode(error, 'state.locked') ? resolve(undefined) : reject(error)))
  })
}

function alreadyRunning({ url, pid }: Announcement): ControlError {
  return new ControlError('server.running', `A server of this memory repo runs at ${url} (pid ${pid})`, {
    hint: 'Get a link to it: signalbox open. End it: signalbox serve --stop',
    data: { url, api: `${url}/api`, pid },
  })
}

/** Returns the file in which a server says where it is. */
export function announcementFileOf({ folder }: ServerState): string {
  return join(folder, 'server.json')
}

function portFileOf({ folder }: ServerState): string {
  return join(folder, 'server-port.json')
}
