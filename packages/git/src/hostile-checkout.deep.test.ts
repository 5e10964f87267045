import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const run = runIdSchema.parse('R0007')
const main = branchNameSchema.parse('main')

/** A run with a round in a workspace, and a clone of the human's, with edits and ignored files in it, that a link could lead to. */
async function sealed() {
  const path = createRepo({ 'a.txt': 'a\n', '.gitignore': 'build/\n' })
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run, source: { repo: repoNameSchema.parse('api'), path }, path: join(stateDir, 'workspaces', run, 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  writeFiles(checkout.path, { 'a.txt': 'of the run\n' })
  const saved = await engine.snapshots.capture(checkout, base, 1)
  const human = createTempDir('human')
  raw('/', 'clone', '--quiet', path, join(human, 'api'))
  writeFiles(join(human, 'api'), { 'a.txt': 'of the run\n', 'build/kept': 'kept\n' })
  return { engine, path, stateDir, base, checkout, saved, human: join(human, 'api') }
}

type Sealed = Awaited<ReturnType<typeof sealed>>

/** Puts a link to the human's folder in the place of the checkout, or of the workspace around it. */
const places: readonly [string, (at: Sealed) => void][] = [
  ['its checkout', ({ checkout, human }) => replace(checkout.path, human)],
  ['its workspace', ({ checkout, human }) => replace(dirname(checkout.path), dirname(human))],
]

function replace(place: string, by: string): void {
  rmSync(place, { recursive: true })
  symlinkSync(by, place)
}

describe.each(places)('a link in the place of %s', (_name, lay) => {
  test('is a lost workspace to a capture, and nothing behind it is the work of the run', async () => {
    const at = await sealed()
    const { engine, checkout, base, saved } = at
    lay(at)
    writeFiles(at.human, { 'mine.txt': 'mine\n' })
    expect(await engine.snapshots.capture(checkout, base, 2)).toMatchObject({ files: 0, missing: [{ path: '.', reason: 'workspace_lost' }] })
    expect(await engine.snapshots.changedSince(checkout, saved)).toEqual([])
    expect(engine.workspaces.readPlace(checkout)).toBe('link')
    expect(engine.workspaces.findUnresolved(checkout, base, [{ path: 'mine.txt', left: null }])).toEqual([])
  })

  test.each<[string, (at: Sealed) => unknown]>([
    ['what would be lost with it', ({ engine, checkout, base, saved }) => engine.snapshots.findUnsaved(checkout, { base, commit: saved.commit })],
    ['what changed', ({ engine, checkout, base }) => engine.snapshots.noticeChanges(checkout, base)],
    ['a merge into it', ({ engine, checkout, base, saved }) => engine.workspaces.merge({ checkout, base, baseBranch: main, of: { base, commit: saved.commit }, labels: { base: 'main', of: 's1' } })],
    ['files to bring along', ({ engine, checkout, base }) => engine.workspaces.bringFiles(checkout, base, ['build'])],
    ['files to take in', ({ engine, checkout, path }) => {
      writeFiles(path, { 'a.txt': 'edited\n' })
      const after = `100644 ${raw(path, 'hash-object', 'a.txt')}`
      return engine.tripwire.takeFiles([{ checkout, changes: [{ what: 'file', name: 'a.txt', before: null, after, evidence: null }] }])
    }],
    ['its removal', ({ engine, checkout }) => engine.workspaces.remove(checkout)],
  ])('is refused: %s', async (_what, ask) => {
    const at = await sealed()
    lay(at)
    const before = [fingerprint(at.human), readFileSync(join(at.human, 'build/kept'), 'utf8')]
    await expect(ask(at)).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining('link') })
    expect([fingerprint(at.human), readFileSync(join(at.human, 'build/kept'), 'utf8')]).toEqual(before)
  })
})

describe('a file in the place of the workspace', () => {
  test('is a lost workspace, which can be removed', async () => {
    const { engine, checkout, base, saved } = await sealed()
    rmSync(dirname(checkout.path), { recursive: true })
    writeFileSync(dirname(checkout.path), 'of the agent\n')
    expect(engine.workspaces.readPlace(checkout)).toBe('gone')
    expect(await engine.snapshots.capture(checkout, base, 2)).toMatchObject({ files: 0, missing: [{ path: '.', reason: 'workspace_lost' }] })
    expect(await engine.snapshots.findUnsaved(checkout, { base, commit: saved.commit })).toMatchObject({ changed: [], ignored: [] })
    await engine.workspaces.discard(run, dirname(checkout.path), [])
  })
})

describe('files that are taken in', () => {
  const edit = (path: string, name = 'a.txt') => ({ what: 'file' as const, name, before: null, after: `100644 ${raw(path, 'hash-object', name)}`, evidence: null })

  test('stay where they are one file with that of the checkout, however that came to be', async () => {
    const { engine, checkout, human, stateDir } = await sealed()
    const around = join(dirname(human), 'around')
    mkdirSync(join(around, run), { recursive: true })
    renameSync(human, join(around, run, 'api'))
    replace(join(stateDir, 'workspaces'), around)
    const { ino } = statSync(join(checkout.path, 'a.txt'))
    await engine.tripwire.takeFiles([{ checkout: { ...checkout, source: { ...checkout.source, path: join(around, run, 'api') } }, changes: [edit(checkout.path)] }])
    expect([readFileSync(join(checkout.path, 'a.txt'), 'utf8'), statSync(join(checkout.path, 'a.txt')).ino]).toEqual(['of the run\n', ino])
  })

  test('go through no link that goes itself, in whatever order they are named', async () => {
    const { engine, checkout, path, human } = await sealed()
    replace(join(checkout.path, 'a.txt'), human)
    rmSync(join(path, 'a.txt'))
    writeFiles(path, { 'a.txt/a.txt': 'of the folder\n' })
    await engine.tripwire.takeFiles([{ checkout, changes: [edit(path, 'a.txt/a.txt'), { ...edit(path, 'a.txt/a.txt'), name: 'a.txt', after: 'missing' }] }])
    expect([join(human, 'a.txt'), join(checkout.path, 'a.txt/a.txt')].map((file) => readFileSync(file, 'utf8'))).toEqual(['of the run\n', 'of the folder\n'])
  })

  test('go into no checkout that is gone: all else would count as deleted', async () => {
    const { engine, checkout, path } = await sealed()
    writeFiles(path, { 'a.txt': 'edited\n' })
    rmSync(checkout.path, { recursive: true })
    await expect(engine.tripwire.takeFiles([{ checkout, changes: [edit(path)] }])).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('nothing was taken') })
    expect(readdirSync(dirname(checkout.path))).toEqual([])
  })
})

test('a link in the place of the git directories of a run takes nothing of what it leads to with it', async () => {
  const { engine, checkout, stateDir } = await sealed()
  const human = createTempDir('human')
  mkdirSync(join(human, 'api.git'))
  writeFiles(human, { 'api.git/HEAD': 'ref: refs/heads/main\n' })
  renameSync(join(stateDir, 'runs/R0007/git'), join(stateDir, 'runs/R0007/moved'))
  symlinkSync(human, join(stateDir, 'runs/R0007/git'))
  await expect(engine.workspaces.remove(checkout)).rejects.toMatchObject({ code: 'disk.unwritable' })
  expect(readdirSync(join(human, 'api.git'))).toEqual(['HEAD'])
})

describe('the .git of a checkout', () => {
  test.each<[string, (work: string) => void]>([
    ['a repository of its own', (work) => [rmSync(join(work, '.git')), raw(work, 'init', '--quiet'), commitAll(work, 'mine')]],
    ['a link to one', (work) => [rmSync(join(work, '.git')), symlinkSync(join(createRepo({ x: 'x' }), '.git'), join(work, '.git'))]],
    ['a file that names one', (work) => writeFileSync(join(work, '.git'), `gitdir: ${createRepo({ x: 'x' })}/.git\n`)],
    ['a file that nobody can understand', (work) => writeFileSync(join(work, '.git'), 'of the agent\n')],
  ])('is named where it may hide commits: %s', async (_name, change) => {
    const { engine, checkout, base, saved } = await sealed()
    change(checkout.path)
    const missing = [{ path: '.git', reason: 'nested_repository' }]
    expect(await engine.snapshots.findUnsaved(checkout, { base, commit: saved.commit })).toMatchObject({ changed: [], missing })
    expect(await engine.snapshots.capture(checkout, base, 2)).toMatchObject({ tree: saved.tree, missing })
    rmSync(join(checkout.path, '.git'), { recursive: true })
    expect(await engine.snapshots.capture(checkout, base, 3)).toMatchObject({ tree: saved.tree, missing: [] })
  })

  test.each<[string, (work: string, stateDir: string) => void]>([
    ['leads nowhere', (work) => writeFileSync(join(work, '.git'), 'gitdir: /nowhere\n')],
    ['names the same folder in other words', (work, stateDir) => writeFileSync(join(work, '.git'), `gitdir: ${relative(work, stateDir)}/runs/R0007/git/api.git/worktrees/checkout\n`)],
  ])('hides nothing where it %s', async (_name, change) => {
    const { engine, checkout, base, saved, stateDir } = await sealed()
    change(checkout.path, stateDir)
    expect(await engine.snapshots.capture(checkout, base, 2)).toMatchObject({ tree: saved.tree, missing: [] })
  })
})

describe('a conflict that was left', () => {
  /** Leaves a merge, rebase, cherry-pick or stash unfinished that conflicts in `a.txt`. */
  const leave = (work: string, ...command: readonly [string, ...string[]]): void => {
    commitAll(work, 'one side')
    raw(work, 'checkout', '--quiet', '-b', 'other', 'main')
    writeFiles(work, { 'a.txt': 'of the other\n' })
    commitAll(work, 'other side')
    expect(() => raw(work, ...command)).toThrow()
  }

  test.each([['merge'], ['rebase'], ['cherry-pick']])('by %s is named until it is settled, or taken as it is', async (verb) => {
    const { engine, checkout, base } = await sealed()
    leave(checkout.path, verb, 'signalbox/r0007')
    const conflict = [{ path: 'a.txt', reason: 'conflict_unsettled' }]
    expect(await engine.snapshots.capture(checkout, base, 2)).toMatchObject({ files: 1, missing: conflict })
    writeFiles(checkout.path, { 'a.txt': 'of both\n' })
    expect(await engine.snapshots.capture(checkout, base, 3)).toMatchObject({ files: 1, missing: [] })
    writeFiles(checkout.path, { 'a.txt': '<<<<<<< how marks look\n' })
    expect(await engine.snapshots.capture(checkout, base, 4)).toMatchObject({ missing: conflict })
    raw(checkout.path, 'add', 'a.txt')
    expect(await engine.snapshots.capture(checkout, base, 5)).toMatchObject({ files: 1, missing: [] })
  })

  test('keeps no workspace from being removed: what it holds is saved', async () => {
    const { engine, checkout, base } = await sealed()
    leave(checkout.path, 'cherry-pick', 'signalbox/r0007')
    const { commit } = await engine.snapshots.capture(checkout, base, 2)
    expect(await engine.snapshots.findUnsaved(checkout, { base, commit })).toMatchObject({ changed: [], missing: [] })
  })
})

describe('names that git stores no file by', () => {
  const names = ['docs/git~1/x', 'sub/.GIT/config', "it's/GIT~1/\u00E9", 'git~1/two\nlines', 'git~1/\u001B[31m', '.git ./x']
  const refused = names.map((path) => ({ path, reason: 'name_refused' })).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const sorted = (missing: readonly { readonly path: string }[]) => missing.toSorted((a, b) => (a.path < b.path ? -1 : 1))

  test('are named, and all else is saved', async () => {
    const { engine, checkout, base } = await sealed()
    writeFiles(checkout.path, { ...Object.fromEntries(names.map((name) => [name, 'x'])), 'docs/kept': 'kept\n' })
    const captured = await engine.snapshots.capture(checkout, base, 2)
    expect(sorted(captured.missing)).toEqual(refused)
    expect((await engine.snapshots.diff(checkout.source, base, captured.commit)).files.map(({ path }) => path)).toEqual(['a.txt', 'docs/kept'])
    expect(sorted((await engine.snapshots.findUnsaved(checkout, { base, commit: captured.commit })).missing)).toEqual(refused)
    expect(await engine.snapshots.changedSince(checkout, captured)).toEqual([])
    for (const name of names) rmSync(join(checkout.path, name))
    expect(await engine.snapshots.capture(checkout, base, 3)).toMatchObject({ missing: [], tree: captured.tree })
  })

  test('are named where the agent has its own git track them, ignored or not, each once', async () => {
    const { engine, checkout, base } = await sealed()
    writeFiles(checkout.path, { 'build/git~1/x': 'x', 'git~1/y': 'y' })
    raw(checkout.path, '-c', 'core.protectNTFS=false', 'add', '--force', 'build', 'git~1')
    expect(sorted((await engine.snapshots.capture(checkout, base, 2)).missing)).toEqual(['build/git~1/x', 'git~1/y'].map((path) => ({ path, reason: 'name_refused' })))
  })
})
