import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run } from '@signalbox/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { callSignalbox } from './harness/cli.ts'
import { fingerprints } from './harness/compare.ts'
import { approvalForm, mergeForm, taskForm } from './harness/contract.ts'
import { findForbidding, makeSmallDisk, whileForbidden, type Forbidding, type SmallDisk } from './harness/hard-disk.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { expectRefused, type Elsewhere } from './harness/refusal.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

/** A world with one approved run, R0001, of a change in `api`, which lies at `path`. */
async function createApproved(path = 'api'): Promise<World> {
  const world = await createWorld()
  await addRepo(world, 'api', world.source(path, { 'README.md': '# api\n' }))
  await approveChange(world)
  return world
}

async function approveChange(world: World): Promise<void> {
  await newTask(world, 'Say more', '--repo', 'api')
  await runScript(world, 'T0001', 'echo more >> README.md')
  await world.ask(approvalForm, ['approve', 'R0001'])
}

const words = (text: string): readonly string[] => text.split(' ')

/** Returns the sums of all files in some folders, objects left out. Not asked of git, which refuses to look at what belongs to somebody else. */
function sumsOf(folders: readonly string[]): string {
  return run('/', 'sh', ['-c', `find "$@" -path '*/objects' -prune -o -type f -exec sha256sum {} + | sort`, 'sh', ...folders])
}

describe('a folder that may not be written', () => {
  let world: World
  let forbidding: Forbidding
  beforeAll(async () => {
    world = await createApproved()
    mkdirSync(join(world.dir, 'closed'))
    forbidding = await findForbidding(world)
  })
  afterAll(() => world.close())

  const rows: readonly (readonly [string, string, () => string, RegExp])[] = [
    ['of tasks', 'task new Another', () => join(world.memory, 'tasks'), /memory\/tasks/],
    ['of a task that is edited', 'task edit T0001 --title Less', () => join(world.memory, 'tasks'), /memory\/tasks|T0001/],
    ['of state', 'reject R0001', () => stateFolderOf(world), /state\//],
    ['of a run', 'seal R0001', () => join(stateFolderOf(world), 'runs', 'R0001'), /R0001/],
    ['of the objects of a target', 'merge R0001', () => join(world.dir, 'api', '.git', 'objects'), /api/],
    ['of a new memory repo', 'init closed/memory', () => join(world.dir, 'closed'), /closed/],
    ['that is to become a memory repo', 'init closed', () => join(world.dir, 'closed'), /closed/],
  ]

  it.each(rows)('%s is named, and nothing is changed', async (_what, text, folder, names) => {
    const expected = forbidding.by === 'mode' ? { exit: 5, code: 'disk.unwritable' } : { exit: undefined, code: /^(?!internal)/ }
    const before = sumsOf([world.memory, join(world.dir, 'api')])
    await whileForbidden(forbidding, folder(), () => expectRefused(world, { args: words(text), ...expected, names }, forbidding.as))
    expect(sumsOf([world.memory, join(world.dir, 'api')])).toBe(before)
  })

  it('is all it took: with the right to write, the same change lands', async () => {
    const landed = await callSignalbox(['merge', 'R0001', '--json'], { cwd: world.dir, env: world.env, ...forbidding.as })
    parseOutcome(mergeForm, landed, 0)
  })
})

describe('a disk without room', () => {
  let world: World
  let disk: SmallDisk
  afterEach(async () => {
    disk.remove()
    await world.close()
  })

  /** Fills the disk, requires the refusal, makes room, and returns how to call the program then. */
  async function refuseWhenFull(args: readonly string[], names: RegExp, elsewhere: Elsewhere): Promise<void> {
    disk.fill()
    const refusal = { args, exit: 5, code: disk.full.noRoom === true ? /^disk\./ : 'disk.full', names }
    await expectRefused(world, refusal, { ...elsewhere, ...disk.full })
    disk.makeRoom()
  }

  it('for records loses none, and the same command works once there is room', async () => {
    world = await createApproved()
    disk = makeSmallDisk(world, 'small')
    run(world.dir, 'cp', ['-a', world.memory, disk.folder])
    const memory = join(disk.folder, 'memory')
    const before = fingerprints([memory])
    const env = { SIGNALBOX_MEMORY: memory }
    await refuseWhenFull(['task', 'edit', 'T0001', '--title', 'Say much more'], /T0001|state/, { env })
    await refuseWhenFull(['task', 'new', 'Another'], /T0002|state/, { env })
    expect(fingerprints([memory])).toEqual(before)
    parseOutcome(taskForm, await world.signalbox(['task', 'new', 'Another', '--json'], { env }), 0)
    expect(git(memory, 'status', '--porcelain')).toBe('')
  })

  it('for state refuses before anything is done', async () => {
    world = await createApproved()
    disk = makeSmallDisk(world, 'small')
    run(world.dir, 'cp', ['-a', world.state, disk.folder])
    const env = { SIGNALBOX_STATE: join(disk.folder, 'state') }
    const before = fingerprints([world.memory, join(world.dir, 'api')])
    for (const command of ['task new Another', 'reject R0001', 'merge R0001']) await refuseWhenFull(words(command), /state/, { env })
    expect(fingerprints([world.memory, join(world.dir, 'api')])).toEqual(before)
    parseOutcome(mergeForm, await world.signalbox(['merge', 'R0001', '--json'], { env }), 0)
  })

  it('for a target moves none, leaves nothing half-written, and lands once there is room', async () => {
    world = await createWorld()
    disk = makeSmallDisk(world, 'small')
    const api = world.source('small/api', { 'README.md': '# api\n' })
    await addRepo(world, 'api', api)
    await approveChange(world)
    const before = fingerprints([api])
    await refuseWhenFull(['merge', 'R0001'], /api|state/, {})
    expect(fingerprints([api])).toEqual(before)
    await world.ask(mergeForm, ['merge', 'R0001'])
    expect(readFileSync(join(api, 'README.md'), 'utf8')).toBe('# api\nmore\n')
  })
})

describe('a damaged file of ours', () => {
  let world: World
  beforeAll(async () => {
    world = await createApproved()
  })
  afterAll(() => world.close())

  const at = (name: string): string => (name === 'signalbox.yaml' ? join(world.memory, name) : join(stateFolderOf(world), name))

  it.each([
    ['the list of repos', 'repos.json', 'run T0001 --agent demo', 2, 'config.invalid'],
    ['the settings', 'signalbox.yaml', 'check R0001', 2, 'config.invalid'],
    ['the settings, before a run', 'signalbox.yaml', 'run T0001 --agent demo', 2, 'config.invalid'],
    ['the lock', 'state.lock', 'task new Another', 5, 'disk.unwritable'],
    ['the log of a run', 'runs/R0001/events.jsonl', 'merge R0001', 4, 'run.log_invalid'],
  ])('%s is named with what to do, and repaired by nobody but its owner', async (_what, name, command, exit, code) => {
    const whole = readFileSync(at(name))
    const damaged = `${'garbage '.repeat(20)}\n`
    writeFileSync(at(name), damaged)
    await expectRefused(world, { args: words(command), exit, code, names: /repos\.json|signalbox\.yaml|state\.lock|R0001/ })
    expect(readFileSync(at(name), 'utf8')).toBe(damaged)
    writeFileSync(at(name), whole)
  })

  it.each([
    ['the lease of a run that is still marked', ['active/R0001', 'runs/R0001/lease.json'], /lease\.json/],
    ['the journal of a landing', ['journals/R0001.json'], /R0001\.json/],
  ])('%s is told by every command and stops none', async (_what, names, told) => {
    mkdirSync(at('journals'), { recursive: true })
    const before = names.map((name) => (existsSync(at(name)) ? readFileSync(at(name)) : undefined))
    for (const name of names) writeFileSync(at(name), 'garbage{')
    const { exit, stderr } = await world.signalbox(['task', 'list'])
    expect([exit, stderr]).toEqual([0, expect.stringMatching(told)])
    for (const [index, name] of names.entries()) restore(at(name), before[index])
  })

  it('was all: everything is as it was, and the change lands', async () => {
    await world.ask(mergeForm, ['merge', 'R0001'])
  })

  function restore(path: string, bytes: Buffer | undefined): void {
    if (bytes === undefined) run('/', 'rm', [path])
    else writeFileSync(path, bytes)
  }
})
