import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mergeForm, runForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** Records of runs that somebody else wrote, and a pull of the memory repo brought. */
let world: World
let api: string
let base: string
let landed: string

beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { 'a.txt': 'one\n' })
  await addRepo(world, 'api', api)
  await runScript(world, await newTask(world, 'Count on', '--repo', 'api'), 'echo two >> a.txt')
  await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
  ;[base, landed] = [git(api, 'rev-parse', 'main~1'), git(api, 'rev-parse', 'main')]
  humanCommits(api, 'mine.txt', 'mine\n')
  humanCommits(api, 'more.txt', 'mine too\n')
})
afterAll(() => world.close())

/** Puts a record into the memory repo that is the one of R0001 but for the range that it says it landed. */
function pullRecord(run: string, [from, to]: readonly [from: string, to: string], change = (line: string): string => line): void {
  const folder = join(world.memory, 'runs', run)
  mkdirSync(folder)
  const text = readFileSync(join(world.memory, 'runs/R0001/events.jsonl'), 'utf8')
  const lines = text.replaceAll('"R0001', `"${run}`).replaceAll(base, from).replaceAll(landed, to).split('\n')
  writeFileSync(join(folder, 'events.jsonl'), lines.map(change).join('\n'))
}

it.each([
  ['two commits of a human', 'R0097', (): [string, string] => [landed, git(api, 'rev-parse', 'main')], /does not follow on/],
  ['the last commit of a human', 'R0098', (): [string, string] => [git(api, 'rev-parse', 'main~1'), git(api, 'rev-parse', 'main')], /says nothing of a run/],
])('a record that calls %s a landing takes nothing of them back', async (_case, run, rangeOf, because) => {
  const before = git(api, 'rev-parse', 'main')
  pullRecord(run, rangeOf())
  expect((await world.ask(runForm, ['show', run])).merge.state).toBe('merged')
  expect((await world.refused('undo', run)).error).toMatchObject({ code: 'undo.refused', message: expect.stringMatching(because), hint: expect.stringContaining(`signalbox undo ${run} --as-run`) })
  expect([git(api, 'rev-parse', 'main'), git(api, 'status', '--porcelain')]).toEqual([before, ''])
})

it('a record that calls commits of a human kept ones of its agent takes nothing of them back', async () => {
  const [first, to] = [git(api, 'rev-parse', 'main~1'), git(api, 'rev-parse', 'main')]
  pullRecord('R0099', [landed, to], (line) =>
    line.replace('"packetHash":', `"commits":"${'0'.repeat(64)}",$&`).replace(/^{"format":1(.*)"strategy":"squash"(.*"to":"\w+")/, `{"format":2$1"strategy":"keep"$2,"commits":["${first}","${to}"]`),
  )
  expect((await world.ask(runForm, ['show', 'R0099'])).merge.state).toBe('merged')
  expect((await world.refused('undo', 'R0099')).error).toMatchObject({ code: 'undo.refused', message: expect.stringMatching(/no approval given on this machine/) })
  expect(git(api, 'rev-parse', 'main')).toBe(to)
})
