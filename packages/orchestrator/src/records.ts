import { newRecordSchema, parseInput, type Decision, type FreeKind, type HumanFace } from '@signalbox/core'
import { createHandoff } from './create-handoff.ts'
import type { Changes } from './memory-ports.ts'
import { withState, type Services } from './services.ts'
import { requireKnown } from './tasks.ts'

type RecordCalls = Pick<HumanFace, 'createRecord' | 'listRecords' | 'readRecord' | 'createHandoff' | 'listHandoffs' | 'readHandoff'>

/** Calls about efforts, decisions, notes and handoffs. */
export function createRecordCalls(services: Services): RecordCalls {
  const { memory } = services

  return {
    createRecord: (kind, input) =>
      withState(services, async () => {
        const { title, body, repos, effort, links } = parseInput(newRecordSchema, input)
        if (effort !== undefined) await memory.read('effort', effort)
        requireKnown(await memory.readConfig(), repos)
        const fields = { title, ...statusOf(services, kind), ...(repos.length > 0 ? { repos } : {}), ...(effort === undefined || kind === 'effort' ? {} : { effort }), ...(links.length > 0 ? { links } : {}) }
        // One shape fits the three kinds: what a kind does not have was left out above.
        const record = await memory.create(kind, fields as Changes<typeof kind>, body)
        await memory.commit(`${record.id}: ${record.title}`)
        return record
      }),
    listRecords: (kind) => memory.list(kind),
    readRecord: (kind, id) => memory.read(kind, id),

    createHandoff: (request) => createHandoff(services, request, services.readActor),
    listHandoffs: async (filter = {}) => {
      const { records, quarantined } = await memory.list('handoff')
      return { handoffs: records.filter((handoff) => filter.task === undefined || handoff.task === filter.task), quarantined }
    },
    readHandoff: (id) => memory.read('handoff', id),
  }
}

function statusOf(services: Services, kind: FreeKind): Partial<Pick<Decision, 'status' | 'date'>> | { readonly status: 'active' } {
  if (kind === 'effort') return { status: 'active' }
  return kind === 'decision' ? { status: 'accepted', date: services.clock.now().slice(0, 10) } : {}
}
