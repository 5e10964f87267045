import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ControlError } from '@signalbox/core'
import { LANDING_TAG } from './landing-journal.ts'

/**
 * Milliseconds a git process that outlived its landing may go on before it is ended. Ending it leaves a half-written
 * checkout, which recovery can mend but had better not have to; waiting for a hung disk would hold every command.
 */
const PATIENCE_MS = 15_000

/**
 * Waits until no git process of the landing lives, ending it when it does not end by itself.
 * @throws ControlError `git.timed_out` when one cannot be ended
 */
export async function awaitSurvivors(tag: string): Promise<void> {
  const start = Date.now()
  let signal: 'SIGTERM' | 'SIGKILL' | undefined
  for (let pids = await findTagged(tag); pids.length > 0; pids = await findTagged(tag)) {
    const waited = Date.now() - start
    if (waited > PATIENCE_MS + 5_000) {
      throw new ControlError('git.timed_out', `A git process of an interrupted landing does not end (pid ${pids.join(', ')})`, { hint: 'End it, then try again', data: { pids } })
    }
    const next = waited > PATIENCE_MS + 2_000 ? 'SIGKILL' : waited > PATIENCE_MS ? 'SIGTERM' : undefined
    if (next !== undefined && next !== signal) for (const pid of pids) end(pid, next)
    signal = next
    await sleep(20)
  }
}

function end(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself since we looked, which is what was wanted; the next look tells.
  }
}

/** Returns the living processes that carry the landing's tag in their environment. */
async function findTagged(tag: string): Promise<readonly number[]> {
  const wanted = `${LANDING_TAG}=${tag}`
  if (process.platform !== 'linux') return (await listWith('eww')).filter(({ command }) => command.split(' ').includes(wanted)).map(({ pid }) => pid)
  const found: number[] = []
  for (const pid of await listProc()) {
    const environment = await readProc(pid, 'environ')
    if (environment.split('\0').includes(wanted)) found.push(pid)
  }
  return found
}

/** Says whether a living process has this file open, or is a git at work in one of these folders. */
export async function isHeldByLiveProcess(file: string, folders: readonly string[]): Promise<boolean> {
  // Without /proc nothing tells where a git is at work, so any git that lives counts.
  if (process.platform !== 'linux') return (await listWith('')).some(({ command }) => /(^|\/)git(-|\s|$)/.test(command))
  for (const pid of await listProc()) {
    const [command, place] = await Promise.all([readProc(pid, 'cmdline'), readLink(`/proc/${pid}/cwd`)])
    if (isWriter(command) && folders.some((folder) => place === folder || place?.startsWith(`${folder}/`) === true)) return true
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => unreadable)) {
      if ((await readLink(`/proc/${pid}/fd/${descriptor}`)) === file) return true
    }
  }
  return false
}

/** Says whether a command line (NUL-separated) is that of a git that could hold a lock. Editors keep some that only read. */
function isWriter(command: string): boolean {
  const [program = '', ...args] = command.split('\0')
  return /(^|\/)git(-|$)/.test(program) && !args.includes('cat-file') && !args.includes('fsmonitor--daemon')
}

/** What a process that ended meanwhile, or is another user's, shows of itself. */
const unreadable: readonly string[] = []

async function listProc(): Promise<readonly number[]> {
  return (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid)
}

/** Reads one file of a process; empty when it ended meanwhile or is another user's, who runs none of our git. */
function readProc(pid: number, file: 'environ' | 'cmdline'): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '')
}

function readLink(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined) // as above: ended, or not ours
}

/** Lists all processes with their command lines (and environments, with `eww`) where there is no /proc. */
function listWith(style: 'eww' | ''): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  return new Promise((resolve, reject) => {
    execFile('ps', [`-A${style}`, '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      if (error !== null) return reject(new ControlError('git.timed_out', 'The living processes could not be listed', { cause: error, hint: 'Check that `ps` runs' }))
      const lines = stdout.split('\n').map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
      resolve(lines.flatMap((match) => (match === null ? [] : [{ pid: Number(match[1]), command: match[2] ?? '' }])))
    })
  })
}
