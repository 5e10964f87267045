import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type Oid } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import type { SavedRound } from './lost-rounds.ts'

afterAll(removeTempDirs)

/** Two rounds of one run, the second one as the checkout still is. */
async function saved(options: Parameters<typeof createRepo>[1] = {}) {
  const path = createRepo({ 'a.txt': 'a\n', 'dir/b.txt': 'b\n', '.gitignore': 'build/\n' }, options)
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const run = runIdSchema.parse('R0001')
  const checkout = { run, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, branchNameSchema.parse('main'))
  const seal = async (number: number, text: string): Promise<SavedRound> => {
    writeFiles(checkout.path, { 'dir/b.txt': text, 'build/forced.js': text })
    raw(checkout.path, 'add', '--force', 'build/forced.js')
    const { commit, tree } = await engine.snapshots.capture(checkout, base, number)
    return { run, number, base, commit, tree }
  }
  const rounds = [await seal(1, 'one\n'), await seal(2, 'two\n')] as const
  const vault = join(stateDir, 'vaults/api.git')
  const objectOf = (oid: string): string => join(vault, 'objects', oid.slice(0, 2), oid.slice(2))
  const oidOf = (spec: string): Oid => oidSchema.parse(raw(vault, 'rev-parse', spec))
  const find = async () => (await engine.care.findLostRounds(source, rounds)).map(({ round, lost }) => [round.number, lost])
  return { path, engine, source, checkout, rounds, vault, objectOf, oidOf, find, base }
}

describe('rounds', () => {
  test('that are as they were saved are none of the lost', async () => {
    expect(await (await saved()).find()).toEqual([])
  })

  test.each<[string, (world: Awaited<ReturnType<typeof saved>>) => void]>([
    ['a blob is missing', ({ objectOf, oidOf, rounds }) => rmSync(objectOf(oidOf(`${rounds[1].commit}:dir/b.txt`)))],
    ['a tree is missing', ({ objectOf, oidOf, rounds }) => rmSync(objectOf(oidOf(`${rounds[1].commit}:dir`)))],
    ['its commit is missing', ({ objectOf, rounds }) => rmSync(objectOf(rounds[1].commit))],
    ['a blob is damaged', ({ objectOf, oidOf, rounds }) => writeAnew(objectOf(oidOf(`${rounds[1].commit}:build/forced.js`)), 'no object')],
    ['a blob is empty', ({ objectOf, oidOf, rounds }) => writeAnew(objectOf(oidOf(`${rounds[1].commit}:dir/b.txt`)), '')],
  ])('are found when %s, and read again from the checkout', async (_what, damage) => {
    const world = await saved()
    const { engine, checkout, rounds, source, base, find, vault } = world
    const before = await engine.snapshots.diff(source, base, rounds[1].commit)
    damage(world)
    expect(await find()).toEqual([[2, 'unreadable']])
    await engine.care.setDamagedAside(source)
    expect(await engine.care.restoreRound(checkout, rounds[1])).toBe(true)
    expect(await find()).toEqual([])
    raw(vault, 'gc', '--quiet', '--prune=now')
    expect(await engine.snapshots.diff(source, base, rounds[1].commit)).toEqual(before)
    expect(raw(vault, 'fsck', '--no-dangling', '--connectivity-only')).toBe('')
  })

  test('stay lost where nobody has their bytes any more, and nothing else is touched', async () => {
    const { engine, checkout, rounds, objectOf, oidOf, find } = await saved()
    rmSync(objectOf(oidOf(`${rounds[0].commit}:dir/b.txt`)))
    expect(await engine.care.restoreRound(checkout, rounds[0])).toBe(false)
    expect(await find()).toEqual([[1, 'unreadable']])
  })

  test('are read again from the source where a damaged copy hid what it holds', async () => {
    const { engine, source, checkout, rounds, objectOf, oidOf, find, path } = await saved()
    rmSync(checkout.path, { recursive: true })
    writeFiles(path, { 'same.txt': 'two\n' })
    raw(path, 'hash-object', '-w', 'same.txt')
    const blob = oidOf(`${rounds[1].commit}:dir/b.txt`)
    writeAnew(objectOf(blob), 'no object')
    expect(await find()).toEqual([[2, 'unreadable']])
    await engine.care.setDamagedAside(source)
    expect(await engine.care.restoreRound(checkout, rounds[1])).toBe(true)
    expect([await find(), existsSync(objectOf(blob))]).toEqual([[], false])
  })

  test('lose nothing that cannot be read for another reason than damage', async () => {
    const { engine, source, objectOf } = await saved()
    const unread = objectOf('ab'.repeat(20))
    mkdirSync(unread, { recursive: true })
    await engine.care.setDamagedAside(source)
    expect(existsSync(unread)).toBe(true)
  })

  test('that are the commit of an earlier one of their run, as where a target did not move, are kept by that one', async () => {
    const { engine, source, rounds, vault } = await saved()
    const same = { ...rounds[1], number: 3 }
    expect(await engine.care.findLostRounds(source, [...rounds, same])).toEqual([])
    raw(vault, 'update-ref', '-d', 'refs/signalbox/runs/R0001/s2')
    expect((await engine.care.findLostRounds(source, [...rounds, same])).map(({ round, lost }) => [round.number, lost])).toEqual([[2, 'unreferenced'], [3, 'unreferenced']])
    raw(vault, 'update-ref', 'refs/signalbox/runs/R0009/s2', same.commit)
    expect(await engine.care.findLostRounds(source, [same])).toHaveLength(1)
  })

  test('without their ref are found before a collection takes them', async () => {
    const { engine, checkout, rounds, find, vault } = await saved()
    raw(vault, 'update-ref', '-d', 'refs/signalbox/runs/R0001/s1')
    expect(await find()).toEqual([[1, 'unreferenced']])
    expect(await engine.care.restoreRound(checkout, rounds[0])).toBe(true)
    expect(await find()).toEqual([])
  })
})

function writeAnew(path: string, text: string): void {
  rmSync(path)
  writeFileSync(path, text)
}

describe('pins and locks', () => {
  test('of ours are told from those of others', async () => {
    const { engine, path, source, base, vault, checkout } = await saved()
    const [pin] = await engine.care.listPins(source)
    expect(pin).toMatchObject({ run: 'R0001', oid: base, ref: `refs/signalbox/pins/R0001/base-${base}` })
    if (pin === undefined) return
    expect(await engine.care.isKeptElsewhere(source, pin)).toBe(true)
    await engine.care.removePin(source, pin)
    expect(await engine.care.listPins(source)).toEqual([])
    await engine.care.pinBase(checkout.run, source, base)
    expect(await engine.care.listPins(source)).toEqual([pin])
    await expect(engine.care.pinBase(checkout.run, source, oidSchema.parse('1'.repeat(40)))).rejects.toMatchObject({ code: 'snapshot.not_found' })
    raw(path, 'update-ref', 'refs/signalbox/pins/mine', base)
    expect(await engine.care.listPins(source)).toEqual([pin])

    mkdirSync(join(path, '.git/refs/signalbox/pins/R0001'), { recursive: true })
    for (const lock of [join(vault, 'refs/signalbox/runs/R0001/s1.lock'), join(path, '.git/refs/signalbox/pins/R0001/base-1.lock'), join(path, '.git/index.lock')]) writeFileSync(lock, '')
    const locks = await engine.care.findLeftLocks(source)
    expect(locks.map(({ by }) => by)).toEqual(['ours', 'ours', 'somebody'])
    for (const lock of locks) await engine.care.removeLeftLock(source, lock)
    expect((await engine.care.findLeftLocks(source)).map(({ by }) => by)).toEqual(['somebody'])
    expect(readdirSync(join(path, '.git'))).toContain('index.lock')
  })
})

describe('a vault that git cannot open', () => {
  const filesOf = (folder: string): Readonly<Record<string, string>> => Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile()).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))

  test.each<[string, readonly string[], string]>([
    ['HEAD is damaged', ['HEAD'], 'xx\n'],
    ['HEAD is empty', ['HEAD'], ''],
    ['its settings are damaged', ['config'], '[xx\n'],
    ['both are', ['HEAD', 'config'], '\0\0\0'],
  ])('because %s is found, and mended by writing that anew; nothing else is touched', async (_what, names, text) => {
    const { engine, source, vault, find } = await saved()
    expect(await engine.care.findBrokenVault(source)).toBeUndefined()
    const before = filesOf(vault)
    for (const name of names) writeFileSync(join(vault, name), text)
    expect(await engine.care.findBrokenVault(source)).toBe(vault)
    await engine.care.mendVault(source)
    expect(filesOf(vault)).toEqual(before)
    expect([await engine.care.findBrokenVault(source), await find()]).toEqual([undefined, []])
  })

  test('also where its settings say objects are named otherwise than those of the source', async () => {
    const { engine, source, vault, find } = await saved({ objectFormat: 'sha256' })
    const before = filesOf(vault)
    writeFileSync(join(vault, 'config'), '')
    expect(await engine.care.findBrokenVault(source)).toBe(vault)
    await engine.care.mendVault(source)
    expect([filesOf(vault), await find()]).toEqual([before, []])
  })

  test('for another reason is left as it is', async () => {
    const { engine, source, vault } = await saved()
    rmSync(join(vault, 'objects'), { recursive: true })
    const before = filesOf(vault)
    await expect(engine.care.mendVault(source)).rejects.toMatchObject({ code: 'git.command_failed', hint: expect.stringContaining('backup') })
    expect(filesOf(vault)).toEqual(before)
  })
})
