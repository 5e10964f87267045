import { ControlError, draftLimit, handoffDraftSchema, parseInput, type AgentRecordsFace, type GuestFace, type RunId } from '@signalbox/core'
import { createHandoff } from './create-handoff.ts'
import { proposeTask } from './propose-task.ts'
import { createRecordCalls } from './records.ts'
import { createRedactor, mapTexts, toVisibleText } from './redact.ts'
import { createRunReads } from './run-reads.ts'
import type { Services } from './services.ts'
import { createTaskCalls } from './tasks.ts'

/** Hits that a search answers with when it is not said how many. */
const defaultHits = 20

/** Returns the face of tools that belong to no run: lookups, and drafts of tasks. */
export function createGuestFace(services: Services): GuestFace {
  const { listTasks, readTask } = createTaskCalls(services)
  const { listRecords, readRecord } = createRecordCalls(services)
  return {
    search: async (query, { limit = defaultHits } = {}) => ({ results: await services.search.search(query, { limit }) }),
    listTasks,
    readTask,
    listDecisions: () => listRecords('decision'),
    readDecision: (id) => readRecord('decision', id),
    proposeTask: (proposal) => proposeTask(services, undefined, proposal),
  }
}

/** Returns what any process can answer the agent of one run: what a human may read of that run, lookups, drafts of tasks, and a handoff of its own. */
export function createAgentFace(services: Services, run: RunId): AgentRecordsFace {
  const guest = createGuestFace(services)
  const reads = createRunReads(services)
  const redact = createRedactor(services.env)
  return {
    ...guest,
    readTask: async (id) => guest.readTask(id ?? (await services.log.fold(run)).task),
    proposeTask: (proposal) => proposeTask(services, run, proposal),
    readRun: () => reads.readRun(run),
    readPacket: () => reads.readPacket(run),
    readEvents: (options) => reads.readEvents(run, options),
    readFindings: () => reads.readFindings(run),
    draftHandoff: async (draft) => {
      const said = mapTexts(parseInput(handoffDraftSchema, draft), (text) => toVisibleText(redact(text)))
      const { task, agent } = await services.log.fold(run)
      const author = `${agent}, in ${run}`
      return createHandoff(services, { ...said, task, run }, async () => {
        const { records } = await services.memory.list('handoff')
        if (records.filter(({ by }) => by === author).length >= draftLimit) {
          throw new ControlError('access.denied', `The agent of ${run} drafted ${draftLimit} handoffs, and may not draft more`, { hint: 'The last one says what is next; one is written at the end of the run, too' })
        }
        return author
      })
    },
  }
}
