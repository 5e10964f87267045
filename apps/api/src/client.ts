import type { FreeKind, FreeRecordOf, HumanFace, NewRecord, Quarantined } from '@signalbox/core'
import { ControlError } from '@signalbox/core/errors'
import { hc } from 'hono/client'
import type { App } from './app.ts'
import { valueOf, type Fetch } from './client-call.ts'

/** Where a client sends its requests. */
export interface ClientOptions {
  /** `app.request` in the same process, else the platform's `fetch`, with authority added by the caller. */
  readonly fetch: Fetch
  /** Origin of the server; has no meaning in the same process. */
  readonly baseUrl?: string
}

/**
 * Returns the human face of a control plane that lies behind HTTP or behind an app in this process.
 * Every call returns the value or throws the same `ControlError` (code, sentence, hint, data) the server had.
 */
export function createClient({ fetch, baseUrl = 'http://localhost' }: ClientOptions): HumanFace {
  const { api } = hc<App>(baseUrl, { fetch })
  const { tasks, runs, handoffs, repos } = api
  const run = runs[':id']
  const records = recordCalls(api)
  return {
    addRepo: (json) => valueOf(repos.$post({ json })),
    listRepos: () => valueOf(repos.$get()),
    removeRepo: (name) => valueOf(repos[':name'].$delete({ param: { name } })),

    createTask: (json) => valueOf(tasks.$post({ json })),
    listTasks: (filter = {}) => valueOf(tasks.$get({ query: filter })),
    readTask: (id) => valueOf(tasks[':id'].$get({ param: { id } })),
    editTask: (id, json) => valueOf(tasks[':id'].$patch({ param: { id }, json })),
    nextTask: () => valueOf(api['next-task'].$get()),

    createRecord: (kind, record) => records[kind].create(record),
    listRecords: (kind) => records[kind].list(),
    readRecord: (kind, id) => records[kind].read(id),

    createHandoff: (json) => valueOf(handoffs.$post({ json })),
    listHandoffs: (filter = {}) => valueOf(handoffs.$get({ query: filter })),
    readHandoff: (id) => valueOf(handoffs[':id'].$get({ param: { id } })),

    readContext: (id, options) => valueOf(tasks[':id'].context.$get({ param: { id }, query: { budget: textOf(options?.budget) } })),

    listAgents: () => valueOf(api.agents.$get()),
    startRun: (id, json) => valueOf(tasks[':id'].runs.$post({ param: { id }, json })),
    listRuns: (filter = {}) => valueOf(runs.$get({ query: filter })),
    readRun: (id) => valueOf(run.$get({ param: { id } })),
    readEvents: (id, options) => valueOf(run.events.$get({ param: { id }, query: { after: textOf(options?.after) } })),
    readTranscript: (id, options) => valueOf(run.transcript.$get({ param: { id }, query: { from: textOf(options?.from) } })),
    readPacket: (id) => valueOf(run.packet.$get({ param: { id } })),
    cancelRun: (id, json = {}) => valueOf(run.cancel.$post({ param: { id }, json })),
    resumeRun: (id, json = {}) => valueOf(run.resume.$post({ param: { id }, json })),
    answer: (id, json) => valueOf(run.answers.$post({ param: { id }, json })),

    diff: (id, { round, repo, since, commit } = {}) => {
      const query = { repo, since: textOf(since), commit }
      return round === undefined ? valueOf(run.diff.$get({ param: { id }, query })) : valueOf(run.snapshots[':n'].diff.$get({ param: { id, n: String(round) }, query }))
    },
    readCommits: (id, { round } = {}) => (round === undefined ? valueOf(run.commits.$get({ param: { id } })) : valueOf(run.snapshots[':n'].commits.$get({ param: { id, n: String(round) } }))),
    restore: (id, json) => valueOf(run.restore.$post({ param: { id }, json })),
    sealRun: (id, json = {}) => valueOf(run.seal.$post({ param: { id }, json })),
    checkRun: (id) => valueOf(run.check.$post({ param: { id } })),
    gate: (id, { strategy } = {}) => valueOf(run.gate.$get({ param: { id }, query: { strategy } })),
    waive: (id, json) => valueOf(run.waive.$post({ param: { id }, json })),
    readFindings: (id) => valueOf(run.findings.$get({ param: { id } })),
    comment: (id, json) => valueOf(run.comments.$post({ param: { id }, json })),
    requestChanges: (id, json = {}) => valueOf(run['request-changes'].$post({ param: { id }, json })),
    approve: (id, json = {}) => valueOf(run.approve.$post({ param: { id }, json })),
    merge: (id, json = {}) => valueOf(run.merge.$post({ param: { id }, json })),
    push: (id, json = {}) => valueOf(run.push.$post({ param: { id }, json })),
    refresh: (id, json = {}) => valueOf(run.refresh.$post({ param: { id }, json })),
    reject: (id, json = {}) => valueOf(run.reject.$post({ param: { id }, json })),
    undo: (id, json = {}) => valueOf(run.undo.$post({ param: { id }, json })),

    forecast: () => valueOf(api.forecast.$get()),
    why: ({ line, ...where }) => valueOf(api.why.$get({ query: { ...where, line: String(line) } })),

    search: (q, options) => valueOf(api.search.$get({ query: { q, limit: textOf(options?.limit) } })),
    rebuildIndex: () => valueOf(api.index.rebuild.$post()),
    clean: (json = {}) => valueOf(api.clean.$post({ json })),
    doctor: (options) => valueOf(options?.fix === true ? api.doctor.fix.$post() : api.doctor.$get()),
  }
}

type Api = ReturnType<typeof hc<App>>['api']

interface RecordCalls<K extends FreeKind> {
  create(json: NewRecord): Promise<FreeRecordOf[K]>
  list(): Promise<{ records: readonly FreeRecordOf[K][]; quarantined: readonly Quarantined[] }>
  read(id: string): Promise<FreeRecordOf[K]>
}

/**
 * Returns the calls of each free kind, so that a kind chosen at run time still has its own record type.
 * Their ids are plain text here, and the Hono client puts text into paths as it is: `../x` would ask for something else.
 */
function recordCalls({ efforts, decisions, notes }: Api): { readonly [K in FreeKind]: RecordCalls<K> } {
  return {
    effort: {
      create: (json) => valueOf(efforts.$post({ json })),
      list: () => valueOf(efforts.$get()),
      read: async (id) => valueOf(efforts[':id'].$get({ param: { id: segmentOf(id) } })),
    },
    decision: {
      create: (json) => valueOf(decisions.$post({ json })),
      list: () => valueOf(decisions.$get()),
      read: async (id) => valueOf(decisions[':id'].$get({ param: { id: segmentOf(id) } })),
    },
    note: {
      create: (json) => valueOf(notes.$post({ json })),
      list: () => valueOf(notes.$get()),
      read: async (id) => valueOf(notes[':id'].$get({ param: { id: segmentOf(id) } })),
    },
  }
}

/** Returns an id that can only be one segment of a path; whether it is one of the kind, the server says. */
function segmentOf(id: string): string {
  if (/^\w+$/.test(id)) return id
  throw new ControlError('input.invalid', `${JSON.stringify(id)} is not the id of a record`, { hint: 'An id is a letter and digits, such as E012' })
}

/** Returns a number as query text; an absent one stays absent. */
function textOf(number: number | undefined): string | undefined {
  return number === undefined ? undefined : String(number)
}
