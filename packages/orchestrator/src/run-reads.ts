import { ControlError, type HumanFace, type RunId } from '@signalbox/core'
import { isActive } from './active-runs.ts'
import { listFindings } from './comment-run.ts'
import { readOwner } from './lease.ts'
import { settleOrphan } from './recover.ts'
import { viewRun } from './run-view.ts'
import type { Services } from './services.ts'

/** Calls that read one run, for its human and its agent. */
export function createRunReads(services: Services): Pick<HumanFace, 'readRun' | 'readEvents' | 'readPacket' | 'readFindings'> {
  const { log } = services
  return {
    readRun: async (id) => viewRun(services, await log.fold(id)),
    readEvents: async (id, { after = 0 } = {}) => {
      await settleOrphan(services, id)
      const events = await log.show(id)
      // Whoever waits for the end wants the record, the task and the memory repo to show it too.
      const isEnded = events.findLast((event) => event.type === 'run.ended' || event.type === 'run.resumed')?.type === 'run.ended'
      const ended = isEnded && !(await isOwned(services, id))
      return { events: events.filter((event) => event.seq > after), ended }
    },
    readFindings: async (id) => listFindings(services, await log.fold(id)),
    readPacket: async (id) => {
      const run = await log.fold(id)
      const markdown = await services.memory.readRunFile(id, 'packet.md')
      if (markdown === undefined || run.packet === undefined) throw new ControlError('snapshot.not_found', `${id} ended before its packet was saved`, { hint: `See why: signalbox show ${id}` })
      return { markdown, hash: run.packet.hash }
    },
  }
}

/** Tells whether a live process still has work to do on a run. */
export async function isOwned(services: Services, id: RunId): Promise<boolean> {
  return isActive(services.layout, id) && (await readOwner(services.layout, id)) !== undefined
}
