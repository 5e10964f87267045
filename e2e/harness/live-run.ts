import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { runForm, type RunValue } from './contract.ts'
import { stateFolderOf } from './state-folder.ts'
import { parseEvents, type EventValue } from './record.ts'
import { isZombie } from './leftovers.ts'
import { signalIfAlive } from './signal.ts'
import type { World } from './world.ts'

/** Milliseconds something a run does may take to be seen on a busy machine. */
const deadlineMs = 40_000

/** Starts a shell script as the agent of a task and returns once the run has its supervisor. */
export async function startRun(world: World, task: string, script: string, ...flags: readonly string[]): Promise<RunValue> {
  return world.ask(runForm, ['run', task, '--detach', '--agent', 'shell', ...flags, '--json', '--', 'sh', '-c', `set -e\n${script}`])
}

/** Returns the events of a run that are on disk now; none when it has no log yet. */
export function readLiveEvents(world: World, run: string): readonly EventValue[] {
  const log = join(stateFolderOf(world), 'runs', run, 'events.jsonl')
  return existsSync(log) ? parseEvents(readFileSync(log, 'utf8')) : []
}

/** Waits until something is seen, looking each millisecond so that a kill right after it hits right after it. */
export async function untilSeen<T>(what: string, look: () => T | undefined): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`)
    await delay(1)
  }
}

/** Waits until a run has ended by itself and its supervisor has let go of it. */
export async function untilEnded(world: World, run: string): Promise<void> {
  await untilEvent(world, run, 'run.ended')
  await untilSeen(`${run} to be let go`, () => (existsSync(join(stateFolderOf(world), 'active', run)) ? undefined : true))
}

/** Waits for the first event of a type. */
export async function untilEvent(world: World, run: string, type: string): Promise<EventValue> {
  return untilSeen(`${type} of ${run}`, () => readLiveEvents(world, run).find((event) => event.type === type))
}

/** Waits until a file is there. */
export async function untilFile(path: string): Promise<void> {
  await untilSeen(path, () => (existsSync(path) ? true : undefined))
}

const claimForm = z.looseObject({ pid: z.int() })

/** Kills the supervisor of a run, and with it nothing of what it started. */
export async function killSupervisor(world: World, run: string): Promise<void> {
  const { data } = await untilEvent(world, run, 'run.claimed')
  const { pid } = claimForm.parse(data)
  signalIfAlive(pid, 'SIGKILL')
  await untilSeen(`process ${pid} to be gone`, () => (isGone(pid) ? true : undefined))
}

/** Tells whether a process has ended; one that only waits to be collected by its parent has. */
export function isGone(pid: number): boolean {
  return !signalIfAlive(pid, 0) || isZombie(String(pid))
}
