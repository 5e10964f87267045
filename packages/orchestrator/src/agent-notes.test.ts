import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, taskIdSchema, type NewRunEvent } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createAgentNotes, type AgentNotes } from './agent-notes.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import { layoutState } from './state-layout.ts'

const id = runIdSchema.parse('R0001')
const head = oidSchema.parse('a'.repeat(40))
const api = repoNameSchema.parse('api')
const repos = [{ repo: api, baseBranch: branchNameSchema.parse('main'), baseHead: head, source: { branch: null, head, dirty: false, paths: [], operation: null } }]
const begun: readonly NewRunEvent[] = [
  { type: 'run.claimed', data: { pid: 1 } },
  { type: 'run.prepared', data: { packetHash: 'p', packetTokens: 1 } },
  { type: 'run.started', data: { pid: 1 } },
]

let log: RunLog
let notes: AgentNotes

beforeEach(async () => {
  const layout = layoutState(createTempDir())
  let last: Promise<unknown> = Promise.resolve()
  const hold = <T>(_path: string, work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
  const none = { readRunFile: () => Promise.resolve(undefined), writeRunFile: () => Promise.resolve() }
  log = createRunLog({ layout, memory: none, locks: { hold }, clock: { now: () => '2026-01-01T00:00:00.000Z' } })
  await log.begin(id, taskIdSchema.parse('T0001'), { type: 'run.queued', data: { agent: 'claude', argv: [], isolation: 'private', by: 'Ann', taskRevision: 'x', baseBranch: null, scope: null, minutes: 60, budget: null, repos } })
  const run = await log.append(id, ...begun)
  notes = createAgentNotes({ layout, log, env: { MY_TOKEN: 'swordfish-42' } }, run, { cwd: layout.run(id).checkout(api), transcript: { write: () => {} } })
})
afterAll(removeTempDirs)

async function written(): Promise<readonly { readonly type: string; readonly data: unknown }[]> {
  await notes.close()
  return (await log.read(id)).slice(1 + begun.length).map(({ type, data }) => ({ type, data }))
}

test('a session is recorded once, however often it is told, and no number of sessions fills the record', async () => {
  for (let turn = 0; turn < 50; turn += 1) notes.take({ type: 'session', id: 's1', how: 'new', model: null, mode: null })
  for (let number = 0; number < 500; number += 1) notes.take({ type: 'session', id: `of swordfish-42 ${number} ${'x'.repeat(5_000)}`, how: 'new', model: null, mode: null })
  const events = await written()
  expect(events[0]).toEqual({ type: 'session.opened', data: { session: 's1', how: 'new', model: null, mode: null } })
  expect(events).toHaveLength(10)
  expect(JSON.stringify(events).length).toBeLessThan(20_000)
  expect(JSON.stringify(events)).not.toContain('swordfish')
})

test('what it claims is recorded by repo, without secrets', async () => {
  notes.take({ type: 'tool', id: 't1', status: 'done', edits: [{ path: 'src/a.ts', change: 'modify' }, { path: '/tmp/swordfish-42', change: 'add' }] })
  notes.take({ type: 'tool', id: 't2', status: 'done', command: 'deploy swordfish-42', exitCode: 0 })
  expect(await written()).toEqual([{ type: 'agent.claimed', data: { changed: [{ repo: 'api', path: 'src/a.ts' }], outside: ['/tmp/[redacted]'], commands: [{ command: 'deploy [redacted]', exitCode: 0 }], unlisted: 0 } }])
})
