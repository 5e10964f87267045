import { rm } from 'node:fs/promises'
import type { Environment } from '@signalbox/memory'
import type { DoctorLine } from '@signalbox/orchestrator'
import { announcementFileOf, isAlive, readAnnouncement } from '../server/instance.ts'
import { openServerState } from './server-state.ts'

/** Finds what a killed server left that says where it listens: pid, start time and boot id tell that it is nobody's now. */
export async function findStaleAnnouncement(memory: string, env: Environment): Promise<readonly DoctorLine[]> {
  const state = openServerState(memory, env)
  const last = await readAnnouncement(state)
  if (last === undefined || isAlive(state, last)) return []
  const path = announcementFileOf(state)
  return [
    {
      code: 'lock_left',
      subject: 'server',
      state: 'warning',
      message: `${path} names a server that was killed (pid ${last.pid})`,
      remedy: 'signalbox doctor --fix, or start the next one: signalbox serve',
      repair: async () => {
        const now = await readAnnouncement(state)
        if (now !== undefined && !isAlive(state, now)) await rm(path, { force: true })
        return `removed ${path}`
      },
    },
  ]
}
