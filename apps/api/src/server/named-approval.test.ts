import { oidSchema, repoNameSchema, runIdSchema, type HumanFace } from '@signalbox/core'
import { expect, test } from 'vitest'
import { requireNamedApprovals } from './named-approval.ts'

const run = runIdSchema.parse('R0001')
const heads = { [repoNameSchema.parse('api')]: oidSchema.parse('c'.repeat(40)) }

const asked: unknown[] = []
const answer = async (_id: unknown, request: unknown): Promise<unknown> => {
  asked.push(request)
  return JSON.parse('{}')
}
// Only what is asked here; a call of anything else fails the test that makes it.
const addRepo = async (request: unknown): Promise<unknown> => answer(undefined, request)
const human = requireNamedApprovals({ approve: answer, merge: answer, waive: answer, sealRun: answer, addRepo } as unknown as HumanFace)

test.each([
  ['nothing', {}],
  ['only a digest', { digest: 'd' }],
  ['only heads', { targetHeads: heads }],
  ['no head', { digest: 'd', targetHeads: {} }],
])('an approval that names %s is refused, by either way', async (_what, request) => {
  asked.length = 0
  await expect(human.approve(run, request)).rejects.toMatchObject({ code: 'input.invalid' })
  await expect(human.merge(run, { ...request, approve: true })).rejects.toMatchObject({ code: 'input.invalid', hint: expect.stringContaining('/api/runs/R0001/gate') })
  await expect(human.merge(run, { ...request, refresh: true })).rejects.toMatchObject({ code: 'input.invalid' })
  await expect(human.approve(run)).rejects.toMatchObject({ code: 'input.invalid' })
  expect(asked).toEqual([])
})

test('a yes to the agent’s commits names those, too', async () => {
  asked.length = 0
  const request = { digest: 'd', targetHeads: heads, strategy: 'keep' } as const
  await expect(human.approve(run, request)).rejects.toMatchObject({ code: 'input.invalid', hint: expect.stringContaining('gate?strategy=keep') })
  await expect(human.merge(run, { ...request, approve: true })).rejects.toMatchObject({ code: 'input.invalid' })
  await human.approve(run, { ...request, commits: 'c' })
  expect(asked).toEqual([{ ...request, commits: 'c' }])
})

test('one that names both goes on as it is, and so does a merge of what was approved', async () => {
  asked.length = 0
  const named = { digest: 'd', targetHeads: heads }
  await human.approve(run, named)
  await human.merge(run, { ...named, approve: true })
  await human.merge(run, { strategy: 'merge' })
  await human.merge(run)
  expect(asked).toEqual([named, { ...named, approve: true }, { strategy: 'merge' }, {}])
})

test.each([
  ['nothing', {}],
  ['only a digest', { digest: 'd' }],
  ['only the facts', { data: {} }],
])('a waiver that names %s is refused, and one that names both goes on', async (_what, request) => {
  asked.length = 0
  const about = { code: 'checks_failed', repo: 'api', because: 'known' } as const
  await expect(human.waive(run, { ...about, ...request })).rejects.toMatchObject({ code: 'input.invalid', hint: expect.stringContaining('/api/runs/R0001/gate') })
  expect(asked).toEqual([])
  await human.waive(run, { ...about, digest: 'd', data: {} })
  expect(asked).toEqual([{ ...about, digest: 'd', data: {} }])
})

test('who calls changes their own names them, and who only seals does not', async () => {
  asked.length = 0
  await expect(human.sealRun(run, { mine: 'me' })).rejects.toMatchObject({ code: 'input.invalid' })
  await human.sealRun(run)
  await human.sealRun(run, { takeEscaped: true })
  await human.sealRun(run, { mine: 'me', sources: [] })
  expect(asked).toEqual([{}, { takeEscaped: true }, { mine: 'me', sources: [] }])
})

test('who allows a filter program names its digest, and who registers a repository without one does not', async () => {
  asked.length = 0
  const repo = { path: '/src/api', name: repoNameSchema.parse('api') }
  const known = { ...repo, allowFilters: [{ name: 'lfs', digest: 'a'.repeat(64) }] }
  await expect(human.addRepo({ ...known, allowFilters: [...known.allowFilters, { name: 'other' }] })).rejects.toMatchObject({ code: 'input.invalid' })
  await human.addRepo(repo)
  await human.addRepo(known)
  expect(asked).toEqual([repo, known])
})
