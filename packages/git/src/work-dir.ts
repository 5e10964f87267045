import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Runs `work` with a folder of its own below `parent`, removed afterwards; folders of killed processes go too. */
export async function withWorkDir<T>(parent: string, work: (dir: string) => Promise<T>): Promise<T> {
  await sweep(parent)
  const dir = join(parent, `${process.pid}-${randomUUID()}`)
  mkdirSync(dir, { recursive: true })
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function sweep(parent: string): Promise<void> {
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent)) {
    const pid = Number(name.split('-')[0])
    if (!isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A reused pid only means that a folder is swept later. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Says whether a process has ended and only waits to be collected, which in a container may take for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    // There is no /proc here, or it was collected meanwhile: the next sweep finds it gone.
    return false
  }
}
