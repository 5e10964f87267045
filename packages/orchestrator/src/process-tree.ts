import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessIdentity } from '@signalbox/core'

/**
 * Name of the environment variable that marks every process of a run. Its value is unique per run and machine:
 * a group id is not enough, for daemons leave their group (setsid).
 */
export const runTagName = 'SIGNALBOX_RUN_TAG'

/** Milliseconds between SIGTERM and SIGKILL. Shorter loses final writes; longer holds the human who cancelled. */
const graceMs = 3_000

const onLinux = process.platform === 'linux'

/** Returns who a live process is, or `undefined` when none has this pid. A pid alone may have been given to somebody else. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = onLinux ? startTimeFromProc(pid) : startTimeFromPs(pid)
  return startTime === undefined ? undefined : { pid, startTime, bootId: readBootId() }
}

/** Tells whether exactly this process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid)
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId
}

/** Returns the pids of live processes whose environment holds this tag; zombies excluded. */
export function findTagged(tag: string): readonly number[] {
  return onLinux ? taggedFromProc(tag) : taggedFromPs(tag)
}

/** A process, and the one that started it; after that one ended, another one. Zero where it does not show. */
export interface TreeProcess {
  readonly pid: number
  readonly parent: number
}

/**
 * Returns these processes and all of this user that they started, as far as it shows: one whose parent ended has another
 * parent by now. So one that dropped its environment is found too.
 */
export function withDescendants(pids: readonly number[]): readonly TreeProcess[] {
  const parents = new Map(listParents().map(({ pid, parent }) => [pid, parent]))
  const children = new Map<number, number[]>()
  for (const [pid, parent] of parents) children.set(parent, [...(children.get(parent) ?? []), pid])
  const found = new Set(pids)
  // A set hands on what is added to it meanwhile.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child)
  return [...found].map((pid) => ({ pid, parent: parents.get(pid) ?? 0 }))
}

/**
 * Returns the pids of live processes of this user that are in a folder or below, or hold a file there open. Those
 * with an environment entry that begins with `except` do not count. Where there is no /proc nobody can tell, and the
 * tag alone has to do.
 */
export function findProcessesIn(folder: string, except: string): readonly number[] {
  if (!onLinux || !existsSync(folder)) return []
  const real = realpathSync(folder) // as the system names it
  const isInside = (target: string | undefined): boolean => target === real || target?.startsWith(`${real}/`) === true
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => isInside(readLink(`/proc/${name}/cwd`)) || listNames(`/proc/${name}/fd`).some((descriptor) => isInside(readLink(`/proc/${name}/fd/${descriptor}`))))
    // One without a command line is on its way out: its memory is gone already.
    .filter((name) => (readProc(`/proc/${name}/cmdline`) ?? '') !== '')
    .filter((name) => !`\0${readProc(`/proc/${name}/environ`) ?? ''}`.includes(`\0${except}`))
    .map(Number)
}

/** Tells whether a process stands still: all of it was stopped, or it ended. A thread in a long write goes on when the first one stands still. */
export function isStopped(pid: number): boolean {
  const isStill = (state: string | undefined): boolean => state === undefined || /^[TtZX]/.test(state)
  if (!isStill(onLinux ? statOf(pid)?.state : stateFromPs(pid))) return false
  return listNames(`/proc/${pid}/task`).every((thread) => isStill(statOf(`${pid}/task/${thread}`)?.state))
}

/** Tells whether a process has ended: it is gone, or waits for its parent to take note. */
export function hasEnded(pid: number): boolean {
  const state = onLinux ? statOf(pid)?.state : stateFromPs(pid)
  return state === undefined || /^[ZX]/.test(state)
}

/** Returns the command of a process as people know it; empty when it ended meanwhile. */
export function nameProcess(pid: number): string {
  return onLinux ? (readProc(`/proc/${pid}/comm`) ?? '').trim() : ''
}

/** Ends every process of a run: asks, waits, then kills. Returns the pids that even SIGKILL did not end. */
export async function endTagged(tag: string): Promise<readonly number[]> {
  const tree = withDescendants(findTagged(tag))
  signalAll(findTagged(tag), 'SIGTERM')
  // A stopped process cannot act on SIGTERM; one that is not ended must not stay stopped, where a checkpoint was cut off.
  signalAll(tree.map(({ pid }) => pid), 'SIGCONT')
  if (await goneWithin(tag, graceMs)) return []
  return killTagged(tag)
}

/** Kills every process of a run, also what others of them start meanwhile. Returns the pids that even that did not end. */
export async function killTagged(tag: string): Promise<readonly number[]> {
  const end = performance.now() + graceMs
  for (let left = findTagged(tag); left.length > 0; left = findTagged(tag)) {
    if (performance.now() > end) return left
    signalAll(left, 'SIGKILL')
    await delay(20)
  }
  return []
}

async function goneWithin(tag: string, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (findTagged(tag).length > 0) {
    if (performance.now() > end) return false
    await delay(20)
  }
  return true
}

/** Sends a signal to one process. One that ended meanwhile is what the caller wants; one that may not be signalled lives on, and is found to. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) signalProcess(pid, signal)
}

/** Reads a file of /proc; `undefined` when the process ended meanwhile or belongs to somebody else. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // ENOENT, ESRCH: it ended between the listing and this read. EACCES: another user's, so not ours.
    return undefined
  }
}

/** As `readProc`, of a link. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** As `readProc`, of a folder, such as that of the files a process has open. */
function listNames(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Lists the live processes of this user with their parents. */
function listParents(): readonly TreeProcess[] {
  if (!onLinux) return parentsFromPs()
  const user = process.getuid?.()
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && ownerOf(`/proc/${name}`) === user)
    .flatMap((name) => {
      const stat = statOf(Number(name))
      return stat === undefined || stat.state === 'Z' ? [] : [{ pid: Number(name), parent: stat.parent }]
    })
}

/** As `readProc`, of whom it belongs to. */
function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid
}

/** Reads what the system says of a process, or of a thread named `PID/task/TID`. */
function statOf(pid: number | string): { readonly state: string; readonly parent: number; readonly startTime: string } | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  // The command name (field 2) may hold spaces and parentheses: fields are counted from its last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, parent, startTime] = [fields?.[0], fields?.[1], fields?.[19]]
  return state === undefined || startTime === undefined ? undefined : { state, parent: Number(parent), startTime }
}

function startTimeFromProc(pid: number): string | undefined {
  const stat = statOf(pid)
  return stat === undefined || stat.state === 'Z' ? undefined : stat.startTime
}

function taggedFromProc(tag: string): readonly number[] {
  const needle = `${runTagName}=${tag}\0`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readProc(`/proc/${name}/environ`)?.includes(needle) === true && statOf(Number(name))?.state !== 'Z')
    .map(Number)
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
  } catch {
    // ps exits 1 when there is no such process.
    return undefined
  }
}

function parentsFromPs(): readonly TreeProcess[] {
  const table = execFileSync('ps', ['-x', '-o', 'pid=,ppid='], { encoding: 'latin1', maxBuffer: 1 << 28 })
  return table.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    return pid === undefined || parent === undefined ? [] : [{ pid, parent }]
  })
}

function stateFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined
  } catch {
    // ps exits 1 when there is no such process.
    return undefined
  }
}

function taggedFromPs(tag: string): readonly number[] {
  const table = execFileSync('ps', ['-axeww', '-o', 'pid=,command='], { encoding: 'latin1', maxBuffer: 1 << 28 })
  return table
    .split('\n')
    .filter((line) => line.includes(`${runTagName}=${tag}`))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid)
}

let bootId: string | undefined

function readBootId(): string {
  bootId ??= onLinux ? (readProc('/proc/sys/kernel/random/boot_id') ?? '').trim() : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim()
  return bootId
}
