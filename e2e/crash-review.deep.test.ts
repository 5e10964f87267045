import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { gateForm } from './harness/contract.ts'
import { startSignalbox } from './harness/killable.ts'
import { awaitMoment, now, spread, whenTrue, type Moment } from './harness/moment.ts'
import { saveWorld } from './harness/saved-world.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** How many comments are killed. `npm run test:crash` kills more. */
const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 6)

const findingsForm = z.looseObject({ findings: z.array(z.looseObject({ id: z.string(), state: z.string(), text: z.string() })) })

let world: World
let restore: () => void

beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'one\n' }))
  await runScript(world, await newTask(world, 'Change it', '--repo', 'api'), 'echo two >> a.txt')
  await world.call(['comment', 'R0001', 'the first'])
  restore = await saveWorld(world)
})
afterAll(() => world.close())

it(`a comment killed at ${kills} moments is recorded whole or not at all, loses none before it, and hinders none after it`, async () => {
  const file = join(world.memory, 'runs/R0001/review.jsonl')
  const log = join(world.memory, 'runs/R0001/events.jsonl')
  const [before, logged] = [readFileSync(file, 'utf8'), readFileSync(log, 'utf8')]
  const started = performance.now()
  await startSignalbox(world, ['comment', 'R0001', 'killed']).ended
  const wholeMs = performance.now() - started
  const moments: readonly Moment[] = Array.from({ length: kills }, (_, index) => {
    if (index % 3 === 0) return { after: 'the start', seen: now, ms: spread(1, wholeMs)[0] ?? 0 }
    if (index % 3 === 1) return { after: 'the file was replaced', seen: whenTrue(() => readFileSync(file, 'utf8') !== before), ms: 0 }
    return { after: 'the log was published', seen: whenTrue(() => readFileSync(log, 'utf8') !== logged), ms: index % 2 === 0 ? 0 : Math.random() * 20 }
  })
  for (const moment of moments) {
    restore()
    const call = startSignalbox(world, ['comment', 'R0001', 'killed'])
    await awaitMoment(call, moment)
    call.kill('group')
    const exit = await call.ended
    const hint = `killed ${moment.ms} ms after ${moment.after}`
    const text = readFileSync(file, 'utf8')
    expect(text.startsWith(before) && text.endsWith('}\n'), hint).toBe(true)
    const { findings } = await world.ask(findingsForm, ['review', 'R0001'])
    expect(findings.map(({ text: said }) => said), hint).toEqual(exit === 0 || text !== before ? ['the first', 'killed'] : ['the first'])
    expect((await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.map(({ code }) => code), hint).toEqual(['finding_open', 'approval_missing'])
    expect((await world.call(['comment', 'R0001', 'the last'])).exit, hint).toBe(0)
    expect((await world.ask(findingsForm, ['review', 'R0001'])).findings.map(({ text: said }) => said), hint).toEqual([...findings.map(({ text: said }) => said), 'the last'])
    expect(git(world.memory, 'status', '--porcelain'), hint).toBe('')
    expect(existsSync(join(world.memory, '.git/index.lock')), hint).toBe(false)
  }
}, 30_000 + kills * 10_000)
