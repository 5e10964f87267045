import { findOrSay, type DoctorLine } from './doctor-line.ts'
import type { SourceRef } from './git-ports.ts'
import type { Services } from './services.ts'

/** Looks for locks that nobody alive holds. Those of others are named and left alone. */
export async function diagnoseLocks(services: Services, sources: readonly SourceRef[]): Promise<readonly DoctorLine[]> {
  const found = await Promise.all(sources.map((source) => findOrSay(source.repo, async () => (await services.care.findLeftLocks(source)).map((lock): DoctorLine => {
    if (lock.by === 'somebody') {
      return { code: 'lock_of_somebody', subject: source.repo, state: 'warning', message: `${lock.path} is a lock that no living process holds, and not one of ours`, remedy: 'If no git is at work there, delete that file; it is never removed for you' }
    }
    return {
      code: 'lock_left',
      subject: source.repo,
      state: 'warning',
      message: `${lock.path} was left by a process of ours that was killed`,
      remedy: 'signalbox doctor --fix',
      repair: async () => {
        await services.care.removeLeftLock(source, lock)
        return `removed ${lock.path}`
      },
    }
  }))))
  return found.flat()
}
