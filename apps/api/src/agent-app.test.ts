import { decisionSchema, handoffSchema, runIdSchema, taskViewSchema, type AgentRecordsFace } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createAgentApp } from './agent-app.ts'
import { createApp } from './app.ts'

const run = runIdSchema.parse('R0001')
const calls: string[] = []
const file = { path: 'x', hash: 'a'.repeat(64), body: '' }
const task = taskViewSchema.parse({ ...file, id: 'T0001', title: 'Count', status: 'draft', baseBranch: null })

/** A face that notes what it was asked; nothing of it is about another run, whatever the path says. */
const agent: AgentRecordsFace = {
  readRun: async () => (calls.push('readRun'), JSON.parse('{}')),
  readPacket: async () => (calls.push('readPacket'), { markdown: '# p\n', hash: 'h' }),
  readEvents: async () => (calls.push('readEvents'), { events: [], ended: false }),
  readFindings: async () => (calls.push('readFindings'), { snapshot: null, findings: [] }),
  listTasks: async ({ status } = {}) => (calls.push(`listTasks ${status}`), { tasks: [task], quarantined: [] }),
  readTask: async (id) => (calls.push(`readTask ${id}`), task),
  listDecisions: async () => (calls.push('listDecisions'), { records: [], quarantined: [] }),
  readDecision: async (id) => (calls.push(`readDecision ${id}`), decisionSchema.parse({ ...file, id, title: 'No floats' })),
  proposeTask: async ({ title }) => (calls.push(`propose ${title}`), task),
  search: async (query) => (calls.push(`search ${query}`), { results: [] }),
  draftHandoff: async (draft) => {
    calls.push(`draft ${draft.what}`)
    return handoffSchema.parse({ id: 'H0001', task: 'T0001', run, at: 'now', by: 'shell, in R0001', what: draft.what, next: draft.next, evidence: {}, path: 'x', hash: 'a'.repeat(64), body: '' })
  },
}
const app = createAgentApp({ run, agent })

async function ask(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly value: unknown }> {
  calls.length = 0
  const response = await app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) })
  return { status: response.status, value: await response.json() }
}

describe("an agent's app", () => {
  test.each([
    ['GET', '/api/runs/R0001', undefined, 200, 'readRun'],
    ['GET', '/api/runs/R0001/packet', undefined, 200, 'readPacket'],
    ['GET', '/api/runs/R0001/events?after=2', undefined, 200, 'readEvents'],
    ['GET', '/api/runs/R0001/findings', undefined, 200, 'readFindings'],
    ['GET', '/api/search?q=cents', undefined, 200, 'search cents'],
    ['GET', '/api/tasks?status=ready', undefined, 200, 'listTasks ready'],
    ['GET', '/api/tasks/T0002', undefined, 200, 'readTask T0002'],
    ['GET', '/api/decisions', undefined, 200, 'listDecisions'],
    ['GET', '/api/decisions/D0001', undefined, 200, 'readDecision D0001'],
    ['POST', '/api/runs/R0001/proposals', { title: 'Count on', repos: ['api'] }, 201, 'propose Count on'],
    ['POST', '/api/runs/R0001/handoffs', { what: 'did', next: 'do', claims: ['tests pass'] }, 201, 'draft did'],
  ])('answers %s %s', async (method, path, body, status, call) => {
    expect(await ask(method, path, body)).toMatchObject({ status })
    expect(calls).toEqual([call])
  })

  test.each([
    ['GET', '/api/runs/R0002', undefined],
    ['GET', '/api/runs/R0002/packet', undefined],
    ['GET', '/api/runs/R0002/events', undefined],
    ['GET', '/api/runs/R0002/findings', undefined],
    ['GET', '/api/runs/R00010', undefined],
    ['POST', '/api/runs/R0002/handoffs', { what: 'did', next: 'do' }],
    ['POST', '/api/runs/R0002/proposals', { title: 'Count on' }],
    ['POST', '/api/tasks', { title: 'Count on' }],
    ['PATCH', '/api/tasks/T0001', { status: 'done' }],
    ['POST', '/api/tasks/T0001/runs', { agent: 'shell' }],
    ['POST', '/api/decisions', { title: 'Floats' }],
    ['POST', '/api/runs/R0001/answers', { answer: { kind: 'allow', lasting: 'once' } }],
    ['GET', '/api/runs/R0001/transcript', undefined],
    ['GET', '/api/runs/R0001/gate', undefined],
    ['POST', '/api/runs/R0001/waive', { code: 'scope_exceeded', because: 'mine' }],
    ['POST', '/api/runs/R0001/comments', { finding: 'F1', state: 'addressed' }],
    ['POST', '/api/runs/R0001/request-changes', {}],
    ['POST', '/api/runs/R0001/approve', {}],
    ['POST', '/api/runs/R0001/merge', { approve: true }],
    ['POST', '/api/runs/R0001/push', {}],
    ['DELETE', '/api/repos/api', undefined],
    ['GET', '/api/events', undefined],
    ['GET', '/', undefined],
  ])('denies %s %s without asking anybody', async (method, path, body) => {
    expect(await ask(method, path, body)).toMatchObject({ status: 403, value: { error: { code: 'access.denied', hint: expect.stringMatching(/\w/) } } })
    expect(calls).toEqual([])
  })

  test.each([
    ['a task', { what: 'did', next: 'do', task: 'T0002' }],
    ['another run', { what: 'did', next: 'do', run: 'R0002' }],
    ['nothing to do next', { what: 'did' }],
    ['more than anybody reads', { what: 'x'.repeat(10_001), next: 'do' }],
  ])('refuses a handoff that names %s', async (_what, body) => {
    expect(await ask('POST', '/api/runs/R0001/handoffs', body)).toMatchObject({ status: 400 })
    expect(calls).toEqual([])
  })

  test('describes what it has, and nothing more', async () => {
    const document = z.object({ paths: z.record(z.string(), z.unknown()) })
    const own = document.parse(await (await app.request('/api/openapi.json')).json())
    expect(Object.keys(own.paths).toSorted()).toEqual(['/api/decisions', '/api/decisions/{id}', '/api/runs/{id}', '/api/runs/{id}/events', '/api/runs/{id}/findings', '/api/runs/{id}/handoffs', '/api/runs/{id}/packet', '/api/runs/{id}/proposals', '/api/search', '/api/tasks', '/api/tasks/{id}'])
    const human = document.parse(await (await createApp({ human: JSON.parse('{}') }).request('/api/openapi.json')).json())
    expect(Object.keys(human.paths).length).toBeGreaterThan(25)
  })
})
