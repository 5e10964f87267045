import { handoffSchema, runIdSchema, type AgentFace } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createAgentApp } from './agent-app.ts'
import { createApp } from './app.ts'

const run = runIdSchema.parse('R0001')
const calls: string[] = []

/** A face that notes what it was asked; nothing of it is about another run, whatever the path says. */
const agent: AgentFace = {
  readRun: async () => (calls.push('readRun'), JSON.parse('{}')),
  readPacket: async () => (calls.push('readPacket'), { markdown: '# p\n', hash: 'h' }),
  readEvents: async () => (calls.push('readEvents'), { events: [], ended: false }),
  readFindings: async () => (calls.push('readFindings'), { snapshot: null, findings: [] }),
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
  ])('refuses a handoff that names %s', async (_what, body) => {
    expect(await ask('POST', '/api/runs/R0001/handoffs', body)).toMatchObject({ status: 400 })
    expect(calls).toEqual([])
  })

  test('describes what it has, and nothing more', async () => {
    const document = z.object({ paths: z.record(z.string(), z.unknown()) })
    const own = document.parse(await (await app.request('/api/openapi.json')).json())
    expect(Object.keys(own.paths).toSorted()).toEqual(['/api/runs/{id}', '/api/runs/{id}/events', '/api/runs/{id}/findings', '/api/runs/{id}/handoffs', '/api/runs/{id}/packet', '/api/search'])
    const human = document.parse(await (await createApp({ human: JSON.parse('{}') }).request('/api/openapi.json')).json())
    expect(Object.keys(human.paths).length).toBeGreaterThan(25)
  })
})
