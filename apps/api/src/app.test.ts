import { approvalSchema, codeOf, ControlError, decisionSchema, effortSchema, findingViewSchema, forecastSchema, gateReportSchema, handoffSchema, noteSchema, parseOid, runViewSchema, taskViewSchema, waiverSchema, whySchema, type FreeRecordOf, type HumanFace } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createApp } from './app.ts'
import { createClient } from './client.ts'

const file = { path: 'x.md', hash: 'a'.repeat(64), body: 'line one\r\nline two \u001b[31m é\n' }
const oid = 'c'.repeat(40)
const task = taskViewSchema.parse({ id: 'T0001', title: 'Try “it”', status: 'ready', baseBranch: { api: 'main' }, repos: ['api'], scope: { api: ['src/**'] }, ...file })
const handoff = handoffSchema.parse({ id: 'H0001', task: 'T0001', at: '2026-11-22T10:00:00Z', by: 'ada', what: 'w', next: 'n', evidence: {}, ...file })
const approval = approvalSchema.parse({ snapshot: 'R0001.s1', digest: 'd', targetHeads: { api: oid }, taskRevision: 't', packetHash: 'p', receipts: 'r', by: 'ada', at: 'now', seal: 's' })
const finding = findingViewSchema.parse({ id: 'F1', state: 'outdated', text: 'é\n', by: 'ada', at: 'now', from: { run: 'R0001', finding: 'F2' }, anchor: { repo: 'api', path: 'a\nb', side: 'new', snapshot: 'R0001.s1', lines: { from: 2, to: 3, hash: 'h' } }, lines: ['x\u001b'], place: null, because: 'gone', replies: [{ by: 'bob', at: 'now', text: null, state: 'open' }] })
const run = runViewSchema.parse({
  id: 'R0001',
  task: 'T0001',
  agent: 'shell',
  state: 'ended',
  outcome: 'completed',
  because: 'the agent exited with 0',
  waitsFor: null,
  queuedAt: '2026-11-22T10:00:00Z',
  endedAt: null,
  isolation: 'private',
  promise: 'It is kept apart.',
  home: 'kept',
  argv: ['sh', '-c', 'true'],
  by: 'ada',
  exits: [],
  taskStatus: 'review',
  repos: [],
  packet: null,
  workspace: null,
  from: null,
  ontoTarget: false,
  delegated: [],
  requested: [],
  snapshots: [],
  timeline: [],
  questions: [],
  session: null,
  spent: null,
  survivors: [],
  sources: [{ repo: 'docs', foreign: true, live: true, changes: [], unlisted: 0, unread: 'its disk is away', accepted: null }],
  receipts: [],
  approval: null,
  waived: [],
  handoff: null,
  merge: { state: 'blocked', because: 'b', exits: [], repos: [], reverts: [] },
  takesBack: null,
  resolving: null,
  pushes: [],
  newer: null,
})
const report = gateReportSchema.parse({
  run: 'R0001',
  snapshot: 'R0001.s1',
  verdict: 'blocked',
  digest: 'd',
  repos: [],
  blockers: [{ code: 'target_dirty', repo: 'api', message: 'm', data: { paths: ['a\nb'] }, remedy: { sentence: 's', command: 'c', waive: 'w' } }],
  waived: [{ code: 'secret_found', repo: 'api', message: 'm', because: 'b', by: 'ada', at: 'now' }],
})
const waiver = waiverSchema.parse({ code: 'scope_exceeded', repo: 'api', snapshot: 'R0001.s1', digest: 'd', message: 'm', data: { paths: ['a\nb'] }, because: 'b', by: 'ada', at: 'now', seal: 's' })
const why = whySchema.parse({ repo: 'api', path: 'a.ts', line: 1, text: 'x', commit: null, claims: null, standing: 'uncommitted', because: 'b', origin: null, next: 'git diff' })
const forecast = forecastSchema.parse({ order: [], waiting: [{ run: 'R0001', task: 'T0001', because: 'b' }], quarantined: [] })
const event = { format: 1, seq: 3, at: 'now', run: run.id, task: task.id, type: 'run.started', data: { pid: 7 } } as const
const records: FreeRecordOf = {
  effort: effortSchema.parse({ id: 'E001', title: 'Effort', ...file }),
  decision: decisionSchema.parse({ id: 'D0001', title: 'Decision', ...file }),
  note: noteSchema.parse({ id: 'N0001', title: 'Note', ...file }),
}
const blocked = new ControlError('gate.blocked', 'R0001 may not be merged', { hint: 'Read why', data: { report } })

type Calls = (readonly [name: string, ...args: unknown[]])[]

/** A face that notes how it was called and answers with fixed values. */
function fixedFace(calls: Calls): HumanFace {
  const note = <T>(value: T, name: string, ...args: unknown[]): Promise<T> => {
    calls.push([name, ...args])
    return Promise.resolve(value)
  }
  const repo = { name: task.repos[0] ?? fail(), path: '/src/api', baseBranch: approval.targetHeads, setup: [], files: [], checks: { test: 'npm test' }, filters: [] }
  const repoView = { ...repo, baseBranch: JSON.parse('"main"') }
  return {
    addRepo: (value) => note(repoView, 'addRepo', value),
    listRepos: () => note({ repos: [repoView] }, 'listRepos'),
    removeRepo: (name) => note(repoView, 'removeRepo', name),
    createTask: (value) => note(task, 'createTask', value),
    listTasks: (filter) => note({ tasks: [task], quarantined: [{ path: 'tasks/x.md', line: null, reason: 'r' }] }, 'listTasks', filter),
    readTask: (id) => (id === task.id ? note(task, 'readTask', id) : Promise.reject(new ControlError('task.not_found', `There is no task ${id}`, { hint: 'List them' }))),
    editTask: (id, changes) => note(task, 'editTask', id, changes),
    nextTask: () => note({ task: null, because: 'none is ready' }, 'nextTask'),
    createRecord: (kind, value) => note(records[kind], 'createRecord', kind, value),
    listRecords: (kind) => note({ records: [records[kind]], quarantined: [] }, 'listRecords', kind),
    readRecord: (kind, id) => note(records[kind], 'readRecord', kind, id),
    createHandoff: (value) => note(handoff, 'createHandoff', value),
    listHandoffs: (filter) => note({ handoffs: [handoff], quarantined: [] }, 'listHandoffs', filter),
    readHandoff: (id) => note(handoff, 'readHandoff', id),
    readContext: (id, options) => note({ task: id, hash: 'h', tokens: 1, budget: 9, sections: [], omitted: [], markdown: '# x\n' }, 'readContext', id, options),
    listAgents: () => note({ agents: [{ name: 'shell', summary: 'any command', home: 'shared', abilities: null, presence: null }] }, 'listAgents'),
    startRun: (id, value) => note(run, 'startRun', id, value),
    listRuns: (filter) => note({ runs: [], quarantined: [] }, 'listRuns', filter),
    readRun: (id) => note(run, 'readRun', id),
    readEvents: (id, options) => note({ events: [event], ended: false }, 'readEvents', id, options),
    readTranscript: (id, options) => note({ lines: [{ at: 'now', stream: 'stdout' as const, text: 't' }], next: 12 }, 'readTranscript', id, options),
    readPacket: (id) => note({ markdown: '# p\n', hash: 'h' }, 'readPacket', id),
    cancelRun: (id, reason) => note(run, 'cancelRun', id, reason),
    diff: (id, options) => note({ snapshot: approval.snapshot, since: { snapshot: approval.snapshot, repos: [{ repo: repo.name, held: 'both' as const, moved: true, conflicts: ['a\nb'] }], says: ['é'] }, repos: [{ repo: repo.name, files: [], patch: 'diff --git\n-\u0000\r\n' }] }, 'diff', id, options),
    readCommits: (id, options) => note({ snapshot: approval.snapshot, repos: [{ repo: repo.name, base: parseOid('1'.repeat(40)) ?? fail(), commits: [], rest: null, unfit: 'é' }] }, 'readCommits', id, options),
    restore: (id, request) => note({ snapshot: approval.snapshot, folder: '/tmp/x', repos: [{ repo: repo.name, path: '/tmp/x/api', missing: [] }] }, 'restore', id, request),
    sealRun: (id, request) => note(run, 'sealRun', id, request),
    checkRun: (id) => note({ receipts: [] }, 'checkRun', id),
    gate: (id, options) => note(report, 'gate', id, options),
    resumeRun: (id, request) => note(run, 'resumeRun', id, request),
    answer: (id, request) => note(run, 'answer', id, request),
    waive: (id, request) => note({ waivers: [waiver] }, 'waive', id, request),
    readFindings: (id) => note({ snapshot: approval.snapshot, findings: [finding] }, 'readFindings', id),
    comment: (id, request) => note({ finding }, 'comment', id, request),
    requestChanges: (id, request) => note(run, 'requestChanges', id, request),
    approve: (id, request) => note({ approval }, 'approve', id, request),
    merge: () => Promise.reject(blocked),
    push: (id, request) => note({ state: 'pushed' as const, remote: 'up', branch: repoView.baseBranch, snapshot: approval.snapshot, repos: [] }, 'push', id, request),
    refresh: () => Promise.reject(new TypeError('x is not a function')),
    reject: (id, reason) => note(run, 'reject', id, reason),
    undo: (id) => note({ state: 'undone' as const, repos: [] }, 'undo', id),
    forecast: () => note(forecast, 'forecast'),
    why: (request) => note(why, 'why', request),
    search: (query, options) => note({ results: [] }, 'search', query, options),
    rebuildIndex: () => note({ records: 3, quarantined: 1 }, 'rebuildIndex'),
    clean: (request) => note({ dryRun: true, workspaces: [], checkFolders: [], freed: 0 }, 'clean', request),
    doctor: (options) => note({ diagnoses: [], repairs: [] }, 'doctor', options),
  }
}

function fail(): never {
  throw new Error('the fixture has no repo')
}

/** What the tests look at of an OpenAPI document. */
const describedSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ responses: z.looseObject({}) }))) })

/** One call of every method of the face; a method without one does not compile. */
const questions: { readonly [M in keyof HumanFace]: (face: HumanFace) => Promise<unknown> } = {
  addRepo: (face) => face.addRepo({ path: '/src/api', name: 'api', checks: { test: 'npm test' } }),
  listRepos: (face) => face.listRepos(),
  removeRepo: (face) => face.removeRepo(task.repos[0] ?? fail()),
  createTask: (face) => face.createTask({ title: 'Try', repos: ['api'], scope: { api: ['src/**'] } }),
  listTasks: (face) => face.listTasks({ status: 'ready' }),
  readTask: (face) => face.readTask(task.id),
  editTask: (face) => face.editTask(task.id, { title: 'New', baseBranch: { api: 'release/2' } }),
  nextTask: (face) => face.nextTask(),
  createRecord: (face) => face.createRecord('decision', { title: 'D', effort: 'E001' }),
  listRecords: (face) => face.listRecords('note'),
  readRecord: (face) => face.readRecord('effort', 'E001'),
  createHandoff: (face) => face.createHandoff({ task: 'T0001', what: 'w', next: 'n' }),
  listHandoffs: (face) => face.listHandoffs({ task: task.id }),
  readHandoff: (face) => face.readHandoff(handoff.id),
  readContext: (face) => face.readContext(task.id, { budget: 900 }),
  listAgents: (face) => face.listAgents(),
  startRun: (face) => face.startRun(task.id, { agent: 'shell', argv: ['sh', '-c', 'a b'], minutes: 1.5 }),
  listRuns: (face) => face.listRuns({ task: task.id }),
  readRun: (face) => face.readRun(run.id),
  readEvents: (face) => face.readEvents(run.id, { after: 2 }),
  readTranscript: (face) => face.readTranscript(run.id, { from: 0 }),
  readPacket: (face) => face.readPacket(run.id),
  cancelRun: (face) => face.cancelRun(run.id, { because: 'enough' }),
  diff: (face) => face.diff(run.id, { round: 2, repo: task.repos[0], since: 1, commit: 'abcd' }),
  readCommits: (face) => face.readCommits(run.id, { round: 2 }),
  restore: (face) => face.restore(run.id, { round: 2, folder: '/tmp/é x' }),
  sealRun: (face) => face.sealRun(run.id, { takeEscaped: true }),
  checkRun: (face) => face.checkRun(run.id),
  gate: (face) => face.gate(run.id, { strategy: 'keep' }),
  resumeRun: (face) => face.resumeRun(run.id, { text: 'go on' }),
  answer: (face) => face.answer(run.id, { question: 'Q1', answer: { kind: 'refuse', because: 'no' } }),
  waive: (face) => face.waive(run.id, { code: 'scope_exceeded', because: 'meant', digest: 'd' }),
  readFindings: (face) => face.readFindings(run.id),
  comment: (face) => face.comment(run.id, { text: 'é\nx', at: { repo: 'api', path: 'src/a b?.ts', from: 2, to: 3 } }),
  requestChanges: (face) => face.requestChanges(run.id, { text: 'more', agent: 'shell', argv: ['sh', '-c', 'a b'] }),
  approve: (face) => face.approve(run.id, { round: 2 }),
  merge: (face) => face.merge(run.id, { approve: true }),
  push: (face) => face.push(run.id, { remote: 'up', branch: 'a/b', pullRequest: true }),
  refresh: (face) => face.refresh(run.id),
  reject: (face) => face.reject(run.id, {}),
  undo: (face) => face.undo(run.id),
  forecast: (face) => face.forecast(),
  why: (face) => face.why({ path: 'src/a b?.ts', repo: 'api', line: 12 }),
  search: (face) => face.search('a & b?', { limit: 3 }),
  rebuildIndex: (face) => face.rebuildIndex(),
  clean: (face) => face.clean({ runs: [run.id], dryRun: true }),
  doctor: (face) => face.doctor({ fix: true }),
}

const throws = new Set(['merge', 'refresh'])
const calm = Object.entries(questions).filter(([name]) => !throws.has(name))

function clientOver(face: HumanFace): HumanFace {
  return createClient({ fetch: createApp({ human: face }).request })
}

describe('the client is the face again', () => {
  test.each(calm)('%s gives the same value, and the engine the same arguments', async (_name, ask) => {
    const direct: Calls = []
    const through: Calls = []
    const expected = await ask(fixedFace(direct))
    expect(await ask(clientOver(fixedFace(through)))).toEqual(expected)
    // The door fills in defaults, so what the caller sent must be in what the engine got.
    expect(through).toMatchObject(direct)
  })

  test.each([
    ['a refusal with its report', questions.merge],
    ['an unknown id', (face: HumanFace) => face.readTask(JSON.parse('"T9999"'))],
  ])('%s is thrown with the same code, sentence, hint and data', async (_name, ask) => {
    const direct = await errorFrom(ask(fixedFace([])))
    const through = await errorFrom(ask(clientOver(fixedFace([]))))
    expect(pick(through)).toEqual(pick(direct))
    expect(codeOf(through)).toBeDefined()
  })

  test('a bug is told to whoever runs the app, and its sentence to the caller', async () => {
    const seen: unknown[] = []
    const app = createApp({ human: fixedFace([]), onUnexpected: (error) => seen.push(error) })
    const error = await errorFrom(createClient({ fetch: app.request }).refresh(run.id))
    expect(pick(error)).toMatchObject({ code: 'internal.unexpected', message: 'Something unexpected went wrong: x is not a function' })
    expect(seen).toEqual([expect.any(TypeError)])
  })

  test('an answer that is none of ours is said to be that', async () => {
    const face = createClient({ fetch: () => new Response('<html>', { status: 502 }) })
    expect(pick(await errorFrom(face.listRepos()))).toMatchObject({ code: 'internal.unexpected', message: expect.stringContaining('502') })
  })

  test.each(['nonsense', '../tasks/T0001', 'E001/../E002', 'E001?x', '%2e%2e', '..', '.', ''])('an id such as %j never becomes another path', async (id) => {
    const calls: Calls = []
    expect(codeOf(await errorFrom(clientOver(fixedFace(calls)).readRecord('effort', id)))).toBe('input.invalid')
    expect(calls).toEqual([])
  })
})

test('the app finds its routes with the fast router, which takes all of them or none', async () => {
  const app = createApp({ human: fixedFace([]) })
  expect((await app.request('/api/next-task')).status).toBe(200)
  expect(app.router.name).toBe('SmartRouter + RegExpRouter')
})

describe('the door', () => {
  const calls: Calls = []
  const app = createApp({ human: fixedFace(calls) })
  const send = (method: string, path: string, body?: unknown, type = 'application/json') =>
    app.request(path, { method, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } }) })

  const refused: readonly (readonly [rule: string, status: number, method: string, path: string, body?: unknown, type?: string])[] = [
    ['a malformed id', 400, 'GET', '/api/tasks/7'],
    ['an id of another kind', 400, 'GET', '/api/runs/T0001'],
    ['a task without a title', 400, 'POST', '/api/tasks', {}],
    ['a title of two lines', 400, 'POST', '/api/tasks', { title: 'a\nb' }],
    ['a misspelt key', 400, 'POST', '/api/tasks', { title: 'a', base_branch: 'main' }],
    ['a repo name with a slash', 400, 'POST', '/api/tasks', { title: 'a', repos: ['../x'] }],
    ['a branch with a leading dash', 400, 'PATCH', '/api/tasks/T0001', { baseBranch: '-f' }],
    ['an isolation that is not offered', 400, 'POST', '/api/tasks/T0001/runs', { agent: 'demo', isolation: 'none' }],
    ['a misspelt key of a body that may be left out', 400, 'POST', '/api/runs/R0001/seal', { take: true }],
    ['an unknown status', 400, 'GET', '/api/tasks?status=gone'],
    ['an empty search', 400, 'GET', '/api/search?q=%20'],
    ['a negative number', 400, 'GET', '/api/runs/R0001/events?after=-1'],
    ['round 1.5', 400, 'GET', '/api/runs/R0001/snapshots/1.5/diff'],
    ['broken JSON', 400, 'POST', '/api/tasks', '{"title":'],
    ['no body', 400, 'POST', '/api/tasks'],
    ['a form', 415, 'POST', '/api/tasks', 'title=a', 'application/x-www-form-urlencoded'],
    ['an unknown route', 404, 'GET', '/api/nothing'],
    ['an unknown method', 404, 'DELETE', '/api/tasks/T0001'],
    ['a path outside the API', 404, 'GET', '/'],
  ]
  test.each(refused.map((row) => ({ row })))('refuses $row.0 as input.invalid', async ({ row: [, status, method, path, body, type] }) => {
    const response = await send(method, path, body, type)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code: 'input.invalid', message: expect.stringMatching(/\w/), hint: expect.any(String) } })
    expect(calls).toEqual([])
  })

  test('names every field that is wrong', async () => {
    const answer = await (await send('POST', '/api/tasks', { title: '', repos: ['A'], priority: 9, scope: { 'B!': ['x'] } })).json()
    expect(answer).toMatchObject({ error: { message: expect.stringMatching(/^title: a title needs.*; repos\.0: a repo name is.*; scope\.B!: a repo name is.*; priority: a priority is 1/) } })
  })

  test.each([
    ['gate.blocked', 409, 'POST', '/api/runs/R0001/merge', {}],
    ['task.not_found', 404, 'GET', '/api/tasks/T0099', undefined],
    ['internal.unexpected', 500, 'POST', '/api/runs/R0001/refresh', {}],
  ])('answers %s with status %d', async (code, status, method, path, body) => {
    const response = await send(method, path, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code } })
  })

  test('seals with and without a body, and says which isolation there is', async () => {
    expect([(await send('POST', '/api/runs/R0001/seal')).status, (await send('POST', '/api/runs/R0001/seal', { mine: 'me' })).status]).toEqual([200, 200])
    expect(await (await send('POST', '/api/tasks/T0001/runs', { agent: 'demo', isolation: 'none' })).text()).toContain('private, linked')
  })

  test('makes new things with 201', async () => {
    expect((await send('POST', '/api/tasks', { title: 'a' })).status).toBe(201)
  })
})

describe('the description', () => {
  test('is OpenAPI 3.1, names every route and the error each may answer with', async () => {
    const app = createApp({ human: fixedFace([]) })
    const read = async () => (await app.request('/api/openapi.json')).json()
    const document = describedSchema.parse(await read())
    expect(document).toMatchObject({ openapi: '3.1.0', components: { schemas: { Error: {}, Task: {}, Run: {}, GateReport: {} } } })
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    expect(operations.length).toBeGreaterThanOrEqual(Object.keys(questions).length)
    for (const operation of operations) expect(operation.responses).toHaveProperty('default')
    expect(document.paths['/api/runs/{id}/snapshots/{n}/diff']).toBeDefined()
    expect(await (await app.request('/api/openapi.json')).text()).toBe(await (await app.request('/api/openapi.json')).text())
  })
})

async function errorFrom(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  )
}

function pick(error: unknown): unknown {
  if (!(error instanceof ControlError)) return error
  return { code: error.code, message: error.message, hint: error.hint, data: error.data }
}
