import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { searchForm, taskListForm } from './harness/contract.ts'
import { findFile } from './harness/find-files.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

const indexFile = /(^|\/)index\.sqlite$/

describe('the index is only ever a shadow of the files', () => {
  let world: World
  let index: string
  let foreign: string
  let answer: string
  const ask = async (): Promise<string> => (await world.call(['search', 'lantern', '--json'])).stdout

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'text\n' }))
    await newTask(world, 'Light the lantern', '--repo', 'api', '--body', 'A lantern in the window.')
    await newTask(world, 'Sweep the yard')
    await world.call(['note', 'new', 'Where the lantern hangs', '--body', 'Above the door.'])
    await world.call(['decision', 'new', 'One lantern only'])
    answer = await ask()
    index = findFile(world.state, indexFile)
    foreign = await makeForeignIndex(world)
    for (const id of ['T0001', 'N0001', 'D0001']) expect(answer).toContain(id)
  })
  beforeEach(() => {
    for (const ending of ['-wal', '-shm', '-journal']) rmSync(`${index}${ending}`, { force: true })
  })
  afterAll(() => world.close())

  const damages: readonly { readonly kind: string; readonly damage: () => void }[] = [
    { kind: 'deleted', damage: () => rmSync(index) },
    { kind: 'empty', damage: () => truncateSync(index) },
    { kind: 'cut in half', damage: () => truncateSync(index, statSync(index).size / 2) },
    { kind: 'something else', damage: () => writeFileSync(index, 'this is no database '.repeat(1000)) },
    { kind: 'full of flipped bytes', damage: () => writeFileSync(index, flip(readFileSync(index), 4096)) },
    { kind: 'of another version', damage: () => writeFileSync(index, flip(readFileSync(index), 60, 64)) },
    { kind: 'of unknown state', damage: () => rmSync(`${index}-seal`) },
    { kind: 'beside a write-ahead log of somebody else', damage: () => writeFileSync(`${index}-wal`, readFileSync(index)) },
    { kind: 'the one of another memory repo', damage: () => copyFileSync(foreign, index) },
  ]

  it.each(damages)('answers the same when it is $kind', async ({ damage }) => {
    damage()
    expect(await ask()).toEqual(answer)
    expect(existsSync(index)).toBe(true)
  })

  it('finds what a human wrote into a file by hand, also where size and time stayed the same', async () => {
    const note = join(world.memory, 'notes', 'N0001-where-the-lantern-hangs.md')
    const { atime, mtime } = statSync(note)
    writeFileSync(note, readFileSync(note, 'utf8').replace('Above', 'Below'))
    utimesSync(note, atime, mtime)
    const { results } = await world.ask(searchForm, ['search', 'below'])
    expect(results.map(({ id }) => id)).toEqual(['N0001'])
    expect((await world.ask(searchForm, ['search', 'above'])).results).toEqual([])
  })

  it('believes the files about what was added, edited and deleted behind its back', async () => {
    writeFileSync(join(world.memory, 'tasks', 'T0009-by-hand.md'), '---\nid: T0009\ntitle: Polish the lantern\nstatus: draft\n---\n')
    rmSync(join(world.memory, 'tasks', 'T0002-sweep-the-yard.md'))
    expect((await world.ask(taskListForm, ['task', 'list'])).tasks.map(({ id, status }) => `${id} ${status}`)).toEqual(['T0001 ready', 'T0009 draft'])
    expect((await world.ask(searchForm, ['search', 'polish'])).results.map(({ id }) => id)).toEqual(['T0009'])
    expect((await world.ask(searchForm, ['search', 'yard'])).results).toEqual([])
  })

  it('lists a file it cannot read with its reason, and answers the rest', async () => {
    appendFileSync(join(world.memory, 'tasks', 'T0010-broken.md'), '---\nid: T0010\n<<<<<<< ours\ntitle: Broken\n')
    const { tasks, quarantined } = await world.ask(taskListForm, ['task', 'list'])
    expect(tasks.map(({ id }) => id)).toEqual(['T0001', 'T0009'])
    expect(quarantined).toMatchObject([{ path: 'tasks/T0010-broken.md', reason: expect.stringMatching(/\w+ \w+/) }])
    expect((await world.call(['index', 'rebuild'])).exit).toBe(0)
    expect((await world.ask(searchForm, ['search', 'polish'])).results).toHaveLength(1)
  })
})

/** Returns the index of another memory repo of the same human, which holds other records under the same ids. */
async function makeForeignIndex(world: World): Promise<string> {
  const options = { env: { SIGNALBOX_MEMORY: join(world.dir, 'other'), SIGNALBOX_STATE: join(world.dir, 'other-state') } }
  for (const args of [['init', join(world.dir, 'other')], ['task', 'new', 'Another lantern'], ['search', 'lantern']]) await world.call(args, options)
  return findFile(join(world.dir, 'other-state'), indexFile)
}

/** Returns the bytes with those from `from` on turned around. */
function flip(bytes: Buffer, from: number, to = bytes.length): Buffer {
  return Buffer.from(bytes.map((byte, at) => (at >= from && at < to ? byte ^ 0xff : byte)))
}
