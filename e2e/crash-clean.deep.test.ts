import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { runForm } from './harness/contract.ts'
import { startSignalbox } from './harness/killable.ts'
import { awaitMoment, now, spread, whenTrue, type Moment } from './harness/moment.ts'
import { saveWorld } from './harness/saved-world.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** How many clean-ups are killed. `npm run test:crash` kills more. */
const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 6)

const cleanForm = z.looseObject({ workspaces: z.array(z.looseObject({ run: z.string(), action: z.string() })) })
const runs = ['R0001', 'R0002', 'R0003'] as const

let world: World
let restore: () => void
let sources: readonly string[]
let whole: ReadonlyMap<string, readonly string[]>
let diffs: readonly string[]
let state: string

beforeAll(async () => {
  world = await createWorld()
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`dir${index % 10}/${index}.txt`, `${index}\n`]))
  sources = ['api', 'web'].map((name) => world.source(name, files))
  for (const source of sources) await addRepo(world, source.split('/').at(-1) ?? '', source)
  for (const [index] of runs.entries()) {
    const run = await runScript(world, await newTask(world, 'Change both', '--repo', 'api', '--repo', 'web'), `for repo in api web; do echo ${index} > $repo/new.txt; done`)
    await world.ask(runForm, ['reject', run.id])
  }
  state = stateFolderOf(world)
  whole = new Map(runs.map((run) => [run, filesIn(join(state, 'workspaces', run))]))
  diffs = await readDiffs()
  restore = await saveWorld(world)
})
afterAll(() => world.close())

const filesIn = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
const readDiffs = async (): Promise<readonly string[]> => Promise.all(runs.map(async (run) => (await world.call(['diff', run])).stdout))
/** What must not be left of a run, and what waits to be deleted. */
const leftovers = (): readonly string[] => [
  ...['workspaces', 'trash'].flatMap((name) => (existsSync(join(state, name)) ? readdirSync(join(state, name)).map((entry) => `${name}/${entry}`) : [])),
  ...runs.flatMap((run) => readdirSync(join(state, 'runs', run)).filter((name) => name === 'git' || name.startsWith('index-')).map((name) => `${run}/${name}`)),
]

it(`a clean-up killed at ${kills} moments leaves each workspace whole or gone, and asked again it ends the same`, async () => {
  const before = sources.map(fingerprint)
  const wholeMs = await time()
  const moments: readonly Moment[] = Array.from({ length: kills }, (_, index) => {
    const first = runs[index % runs.length] ?? runs[0]
    if (index % 4 === 0) return { after: 'the start', seen: now, ms: spread(1, wholeMs)[0] ?? 0 }
    return { after: `${first} was taken away`, seen: whenTrue(() => !existsSync(join(state, 'workspaces', first))), ms: index % 4 === 1 ? 0 : Math.random() * 8 }
  })
  const reached: string[] = []
  for (const moment of moments) {
    restore()
    const call = startSignalbox(world, ['clean', '--json'])
    await awaitMoment(call, moment)
    call.kill('group')
    const exit = await call.ended
    const hint = `killed ${moment.ms} ms after ${moment.after}`
    const left = runs.filter((run) => existsSync(join(state, 'workspaces', run)))
    reached.push(exit === null ? `${left.length} left, ${leftovers().length} pieces` : 'ended')
    for (const run of left) expect(filesIn(join(state, 'workspaces', run)), hint).toEqual(whole.get(run))
    for (const run of runs) {
      const shown = await world.ask(runForm, ['show', run])
      expect(shown.workspace === null, hint).toBe(!left.includes(run))
      if (shown.workspace === null) expect((await world.call(['seal', run, '--json'])).exit, hint).not.toBe(0)
    }
    const again = await world.ask(cleanForm, ['clean'])
    expect(again.workspaces.map(({ action }) => action), hint).toEqual(again.workspaces.map(() => 'removed'))
    expect(leftovers(), hint).toEqual([])
    expect(sources.map(fingerprint), hint).toEqual(before)
  }
  expect(await readDiffs()).toEqual(diffs)
  // Kills that hit nothing would prove nothing.
  expect(new Set(reached).size, reached.join('; ')).toBeGreaterThan(1)
}, 60_000 + kills * 20_000)

/** Milliseconds of a clean-up that nobody disturbs. */
async function time(): Promise<number> {
  const began = performance.now()
  const call = startSignalbox(world, ['clean'])
  expect(await call.ended).toBe(0)
  return performance.now() - began
}
