import { readFileSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/** Says whether a process lives under this pid. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    return errnoOf(error) !== 'ESRCH'
  }
}

/** Says whether a process has ended and only waits to be collected, which in a container may take for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    // There is no /proc here, or it was collected meanwhile: the next look finds it gone.
    return false
  }
}
