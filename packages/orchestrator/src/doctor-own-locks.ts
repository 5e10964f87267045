import { existsSync, statSync } from 'node:fs'
import { messageOf, type Repair, type Run } from '@signalbox/core'
import type { DoctorLine } from './doctor-line.ts'
import type { Services } from './services.ts'

type LockServices = Pick<Services, 'locks' | 'layout'>

/** A lock file of ours, and what cannot be changed without it. */
interface OwnLock {
  readonly subject: string
  readonly path: string
}

/** Tries the lock of all changes, and those of runs that are not as they were made: without them, every change is refused. */
export function diagnoseOwnLocks(services: LockServices, runs: readonly Pick<Run, 'id'>[]): readonly DoctorLine[] {
  return locksOf(services, runs).flatMap(({ subject, path }): DoctorLine[] => {
    const damage = services.locks.findDamage(path)
    return damage === undefined ? [] : [{ code: 'lock_damaged', subject, state: 'problem', message: damage.message, remedy: damage.hint ?? 'signalbox doctor --fix' }]
  })
}

/** Mends them. Before every other repair: those hold the lock of all changes. */
export function mendOwnLocks(services: LockServices, runs: readonly Pick<Run, 'id'>[]): readonly Repair[] {
  return locksOf(services, runs)
    .filter(({ path }) => services.locks.findDamage(path) !== undefined)
    .map(({ subject, path }) => {
      try {
        services.locks.mend(path)
        return { code: 'lock_damaged', subject, done: true, message: `made ${path} whole` }
      } catch (error) {
        return { code: 'lock_damaged', subject, done: false, message: messageOf(error) }
      }
    })
}

/** A whole one is empty: of as many as there are runs, only those that hold anything are tried. */
function locksOf({ layout }: LockServices, runs: readonly Pick<Run, 'id'>[]): readonly OwnLock[] {
  const ofRuns = runs.map(({ id }) => ({ subject: id, path: layout.run(id).logLock })).filter(({ path }) => existsSync(path) && statSync(path).size > 0)
  return [{ subject: 'state', path: layout.stateLock }, ...ofRuns]
}
