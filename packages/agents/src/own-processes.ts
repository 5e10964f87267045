import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Name of the variable that marks every process of one drive: agents start shells in groups of their own. */
export const markName = 'SIGNALBOX_DRIVE'

/** Milliseconds between asking and killing. Shorter loses last words; longer holds whoever waits. */
const graceMs = 2_000

/** Ends a process group and, where the system shows environments, all that carries the mark: asks, waits, kills. Returns those that were still there. */
export async function endMarked(group: number, mark: string): Promise<readonly number[]> {
  const found = findMarked(mark)
  signal(-group, 'SIGTERM')
  for (const pid of found) signal(pid, 'SIGTERM')
  const end = performance.now() + graceMs
  while (isThere(group, mark) && performance.now() < end) await delay(20)
  // One may start another while it is killed.
  while (isThere(group, mark)) {
    signal(-group, 'SIGKILL')
    for (const pid of findMarked(mark)) signal(pid, 'SIGKILL')
    await delay(20)
  }
  return found
}

function isThere(group: number, mark: string): boolean {
  return findMarked(mark).length > 0 || (process.platform !== 'linux' && signal(-group, 0))
}

/** Returns the processes that carry the mark. Linux shows environments; elsewhere the group alone has to do. */
function findMarked(mark: string): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => read(`/proc/${name}/environ`).split('\0').includes(`${markName}=${mark}`) && !/\) [ZX] /.test(read(`/proc/${name}/stat`)))
    .map(Number)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // It ended meanwhile, or is another user's, so not ours.
    return ''
  }
}

/** Sends a signal; says whether somebody was there to get it. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
