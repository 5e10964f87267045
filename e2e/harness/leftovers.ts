import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { until } from './until.ts'

/** Waits until no process has to do with `folder`; rejects with those that remain. */
export async function expectNothingRuns(folder: string): Promise<void> {
  let last: readonly string[] = []
  await until('every process of the test to end', () => {
    last = findProcessesOf(folder)
    return last.length === 0 ? true : undefined
  }).catch((error: unknown) => {
    throw new Error(`Still running: ${last.join('; ')}`, { cause: error })
  })
}

/** Returns the live processes, as `pid: command`, whose environment, arguments or folder name `folder`. */
export function findProcessesOf(folder: string): readonly string[] {
  return process.platform === 'linux' ? fromProc(folder) : fromPs(folder)
}

function fromProc(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
      const belongs = [command, textOf(`/proc/${pid}/environ`), targetOf(`/proc/${pid}/cwd`)].some((text) => text.includes(folder))
      return belongs && !isZombie(pid) ? [`${pid}: ${command}`] : []
    })
}

/** A process that has ended and waits to be collected by whoever started it does nothing any more. */
export function isZombie(pid: string): boolean {
  return /\) Z /.test(textOf(`/proc/${pid}/stat`))
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // It ended meanwhile, or belongs to another user and so not to the test.
    return ''
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // As above.
    return ''
  }
}

function fromPs(folder: string): readonly string[] {
  const lines = execFileSync('ps', ['-A', '-E', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\n')
  return lines.filter((line) => line.includes(folder) && Number.parseInt(line, 10) !== process.pid)
}
