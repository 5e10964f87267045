import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '@signalbox/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, gateForm } from './harness/contract.ts'
import { placeFixture, readManifest, readVersion } from './harness/fixture.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import type { World } from './harness/world.ts'

const version = readVersion()

/** Every byte of a world, without what is made anew at any time, locks of ours, and objects, which only grow. */
function takeStock(world: World): Readonly<Record<string, string>> {
  const spare = String.raw`/index\.sqlite|/index-[a-z]+$|\.lock(-|$)|/vaults/[^/]*/(objects|signalbox)/|^\./home/`
  const listed = run(world.dir, 'sh', ['-c', 'find . -type f | grep -vE "$1" | LC_ALL=C sort', 'sh', spare])
  return Object.fromEntries(listed.split('\n').filter((path) => path !== '').map((path) => [path, createHash('sha256').update(readFileSync(join(world.dir, path))).digest('hex')]))
}

/** Everything that writes, of one run. */
const actsOn = (id: string) => [`seal ${id}`, `check ${id}`, `approve ${id}`, `merge ${id} --approve`, `refresh ${id}`, `reject ${id}`, `undo ${id}`, `waive ${id} checks_failed --because why`, `push ${id}`, `handoff new --task T0008 --run ${id} --what x --next y`]
/** Everything else that writes. */
const acts = ['task new x', 'task edit T0008 --priority 1', 'note new x', 'repo remove lib', 'run T0003 --agent demo', 'clean']

async function expectRefused(world: World, commands: readonly string[], names: string): Promise<void> {
  for (const command of commands) {
    const { exit, stdout } = await world.call([...command.split(' '), '--json'])
    const { error } = failureForm.parse(JSON.parse(stdout))
    expect([exit, error.code], command).toEqual([4, 'format.newer'])
    expect(error.message, command).toContain(names)
    expect(error.hint, command).toContain('Update Signalbox')
  }
}

async function expectAnswers(world: World): Promise<void> {
  for (const command of ['task list', 'task show T0008', 'repo list', 'runs', 'show R0008', 'log R0002', 'diff R0008', 'context T0008', 'forecast', 'search keep', 'doctor']) expect((await world.call(command.split(' '))).exit, command).toBe(0)
}

const doctorForm = z.looseObject({ diagnoses: z.array(z.looseObject({ code: z.string(), subject: z.string(), message: z.string() })) })

describe('what a newer version wrote', () => {
  let world: World
  let state: string
  let spoiled: readonly (readonly [path: string, text: string])[] = []
  const spoil = (path: string, change: (text: string) => string): void => {
    const text = readFileSync(path, 'utf8')
    spoiled = [...spoiled, [path, text]]
    writeFileSync(path, change(text))
  }

  beforeAll(async () => {
    world = await placeFixture(version)
    state = stateFolderOf(world)
    await world.call(['runs'])
  })
  afterEach(() => {
    for (const [path, text] of spoiled.toReversed()) writeFileSync(path, text)
    spoiled = []
  })
  afterAll(() => world.close())

  it('settings: everything is read, says so, and nothing is changed', async () => {
    const path = join(world.memory, 'signalbox.yaml')
    spoil(path, (text) => text.replace('format: 1', 'format: 2'))
    const before = takeStock(world)
    await expectRefused(world, [...acts, ...actsOn('R0008'), 'init memory'], `${path} has format 2`)
    await expectAnswers(world)
    const gate = await world.ask(gateForm, ['gate', 'R0008'], 4)
    expect(gate.blockers.map(({ code, message }) => [code, message])).toEqual([['facts_unavailable', expect.stringContaining('format 2')]])
    const told = await world.call(['show', 'R0008'])
    expect([told.exit, told.stderr]).toEqual([0, expect.stringContaining('format 2')])
    expect(await world.ask(doctorForm, ['doctor', '--fix'])).toMatchObject({ diagnoses: expect.arrayContaining([expect.objectContaining({ code: 'format_newer', message: expect.stringContaining('format 2') })]) })
    expect(takeStock(world)).toEqual(before)
  })

  it('the state folder: the same, and no token is made of it', async () => {
    const path = join(state, 'memory.json')
    spoil(path, (text) => JSON.stringify({ ...JSON.parse(text), format: 2 }))
    const before = takeStock(world)
    await expectRefused(world, [...acts, ...actsOn('R0008'), 'init memory', 'token'], `${path} has format 2`)
    expect(await world.ask(gateForm, ['gate', 'R0008'], 4)).toMatchObject({ verdict: 'blocked', blockers: [{ code: 'facts_unavailable' }] })
    await expectAnswers(world)
    expect(takeStock(world)).toEqual(before)
  })

  it('an event of a run: that run is read with it and not changed, the others go on', async () => {
    const path = join(state, 'runs/R0008/events.jsonl')
    const seq = readFileSync(path, 'utf8').split('\n').length
    spoil(path, (text) => `${text}{"format":1,"seq":${seq},"at":"2027-01-01T00:00:00.000Z","run":"R0008","task":"T0008","type":"run.blessed","data":{"by":"Ann"}}\n`)
    const before = takeStock(world)
    await expectRefused(world, [...actsOn('R0008'), 'cancel R0008'], 'run.blessed (format 1')
    expect(await world.ask(gateForm, ['gate', 'R0008'], 4)).toMatchObject({ verdict: 'blocked', blockers: [{ code: 'facts_unavailable', message: expect.stringContaining('run.blessed') }] })
    expect(await world.ask(z.looseObject({}), ['show', 'R0008'])).toMatchObject({ outcome: 'completed', merge: { state: 'blocked' }, newer: expect.stringContaining('run.blessed') })
    expect((await world.call(['log', 'R0008'])).stdout).toContain('run.blessed: an event that a newer version wrote')
    expect(await world.ask(z.looseObject({ events: z.array(z.looseObject({})) }), ['log', 'R0008'])).toMatchObject({ events: expect.arrayContaining([expect.objectContaining({ type: 'run.blessed', data: { by: 'Ann' }, unknown: true })]) })
    expect((await world.call(['clean', 'R0008', '--unlanded'])).stdout).toContain('Update Signalbox')
    expect(takeStock(world)).toEqual(before)
    expect((await world.call(['reject', 'R0007', '--because', 'another run'])).exit).toBe(0)
  })
})

it('a journal of a newer version is not recovered by one that does not know it, and a newer event keeps one from being', async () => {
  const world = await placeFixture(version)
  const { killed } = readManifest(version)
  const [journal, log] = [join(stateFolderOf(world), 'journals', `${killed}.json`), join(stateFolderOf(world), 'runs', killed, 'events.jsonl')]
  const [good, goodLog] = [readFileSync(journal, 'utf8'), readFileSync(log, 'utf8')]
  writeFileSync(journal, good.replace('"format":1', '"format":2'))
  const settled = async (): Promise<unknown> => (await world.ask(z.looseObject({ merge: z.looseObject({ state: z.string() }) }), ['show', killed])).merge.state
  const untouched = takeStock(world)
  expect(await settled()).toBe('merging')
  expect(await world.ask(doctorForm, ['doctor'])).toMatchObject({ diagnoses: expect.arrayContaining([expect.objectContaining({ code: 'run_unsettled', subject: killed, message: expect.stringContaining('has format 2') })]) })
  expect(takeStock(world)).toEqual(untouched)
  writeFileSync(journal, good)
  appendFileSync(log, JSON.stringify({ ...JSON.parse(goodLog.split('\n')[0] ?? ''), type: 'merge.witnessed', seq: goodLog.split('\n').length }))
  appendFileSync(log, '\n{"format":1,"seq":')
  const later = takeStock(world)
  expect(await settled()).toBe('merging')
  expect(takeStock(world)).toEqual(later)
  writeFileSync(log, goodLog)
  expect(await settled()).toBe('merged')
  // What a newer version began to take back looks merged in the log. The same of a landing that it began, which looks like nothing was.
  for (const [id, command] of [[killed, `undo ${killed}`], ['R0008', 'merge R0008 --approve']] as const) {
    const path = join(stateFolderOf(world), 'journals', `${id}.json`)
    writeFileSync(path, '{"format":2}')
    const before = takeStock(world)
    expect((await world.refused(...command.split(' '))).error).toMatchObject({ code: 'merge.pending', message: expect.stringContaining(path) })
    expect(takeStock(world)).toEqual(before)
    rmSync(path)
  }
  await world.close()
})
