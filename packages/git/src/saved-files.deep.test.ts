import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type Isolation } from '@signalbox/core'
import { createRepo, createTempDir, git as raw, removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const repo = repoNameSchema.parse('api')
const [first, second] = [runIdSchema.parse('R0001'), runIdSchema.parse('R0002')]

async function startRun(files: Files, config: Readonly<Record<string, string>> = {}, path = createTempDir('source')) {
  createRepo(files, { path })
  for (const [name, value] of Object.entries(config)) raw(path, 'config', name, value)
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo, path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkoutOf = (run: typeof first, isolation: Isolation = 'private') => ({ run, source, path: join(createTempDir('workspace'), 'api'), isolation })
  const checkout = checkoutOf(first)
  await engine.workspaces.create(checkout, base, main)
  return { engine, path, source, base, checkout, checkoutOf, vault: join(stateDir, 'vaults', 'api.git'), capture: (number = 1) => engine.snapshots.capture(checkout, base, number) }
}

/** Lists what lies in a folder, `.git` left out, by the bytes of its names: kind, whether it may be run, content. */
function listBytes(folder: string | Buffer, below = ''): readonly string[] {
  return readdirSync(folder, { encoding: 'buffer' })
    .flatMap((name) => {
      const path = Buffer.concat([Buffer.from(folder), Buffer.from('/'), name])
      const shown = `${below}${name.toString('latin1')}`
      const kind = lstatSync(path)
      if (shown === '.git') return []
      if (kind.isDirectory()) return listBytes(path, `${shown}/`)
      if (kind.isSymbolicLink()) return [`${shown} -> ${readlinkSync(path, 'buffer').toString('latin1')}`]
      return [`${shown} ${(kind.mode & 0o100) === 0 ? '' : 'x '}${readFileSync(path).toString('latin1')}`]
    })
    .toSorted()
}

const BASE: Files = { 'a.txt': 'a\n', 'gone.txt': 'x\n', 'dir/b.txt': 'b\n', 'tool.sh': { executable: '#!/bin/sh\n' }, link: { link: 'a.txt' }, '.gitignore': '*.log\n' }

/** Leaves what is hard to write again byte for byte; an ignored file is tracked, another one is not. */
function leaveOddities(work: string): void {
  writeFiles(work, { 'a.txt': 'edited\r\nmixed\n', 'gone.txt': null, 'line\nbreak': '1', '-dash': '2', ' space ': '3', ':(exclude)a': '4', 'ünï': '5', '*': '6', empty: '', 'new/deep/tool': { executable: 'run\n' }, link: { link: '../../elsewhere' }, dir: { link: '/etc' }, 'kept.log': 'k\n' })
  writeFileSync(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0xff, 0xfe, 0x2e])]), Buffer.from([0, 1, 2, 255]))
  chmodSync(join(work, 'tool.sh'), 0o644)
  raw(work, 'add', '--force', 'kept.log')
}

describe('the files of a snapshot', () => {
  test('are written byte for byte into a folder, with nothing of git beside them', async () => {
    const { engine, source, checkout, capture } = await startRun(BASE)
    leaveOddities(checkout.path)
    const saved = await capture()
    const folder = join(createTempDir('restored'), 'api')
    await engine.snapshots.writeFiles(source, saved, folder)
    expect(listBytes(folder)).toEqual(listBytes(checkout.path))
    expect(existsSync(join(folder, '.git'))).toBe(false)
    expect(listBytes(folder)).toHaveLength(15)
  })

  test.each(['private', 'linked'] as const)('are what a %s checkout begins with, on the same base, and all of them are part of what it leaves', async (isolation) => {
    // On another disk than our state, which tests keep in memory where they can.
    const elsewhere = existsSync('/var/tmp') ? mkdtempSync('/var/tmp/signalbox-source-') : createTempDir('source')
    onTestFinished(() => rmSync(elsewhere, { recursive: true }))
    const { engine, base, checkout, checkoutOf, vault, capture } = await startRun(BASE, {}, elsewhere)
    leaveOddities(checkout.path)
    const saved = await capture()
    const next = checkoutOf(second, isolation)
    await engine.workspaces.createWith(saved, next, base, main)
    expect(listBytes(next.path)).toEqual(listBytes(checkout.path))
    expect(raw(next.path, 'rev-parse', 'HEAD')).toBe(base)
    expect(raw(next.path, 'status', '--porcelain', 'kept.log', 'gone.txt', 'a.txt')).toBe('M  a.txt\nD  gone.txt\nA  kept.log')
    // Its own git has every object it names, and can commit them.
    expect(raw(next.path, 'fsck', '--no-dangling')).toBe('')
    expect(raw(next.path, 'diff', '--cached', '--numstat', 'a.txt')).toBe('2\t1\ta.txt')
    const again = await engine.snapshots.capture(next, base, 1)
    expect(again).toEqual({ ...saved, commit: again.commit })
    writeFiles(next.path, { 'more.txt': 'm\n' })
    raw(next.path, 'add', '--all')
    raw(next.path, '-c', 'user.name=Agent', '-c', 'user.email=a@example.invalid', 'commit', '--quiet', '-m', 'go on')
    const further = await engine.snapshots.capture(next, base, 2)
    expect(further).toMatchObject({ files: saved.files + 1, missing: [] })
    expect(raw(vault, '--git-dir', vault, 'diff', '--name-only', saved.commit, further.commit)).toBe('more.txt')
  })

  test('a checkout keeps beginning with them when the snapshot itself is let go and the vault is cleaned', async () => {
    const { engine, source, base, checkout, checkoutOf, vault, capture } = await startRun(BASE)
    leaveOddities(checkout.path)
    const saved = await capture()
    const next = checkoutOf(second)
    await engine.workspaces.createWith(saved, next, base, main)
    await engine.snapshots.drop(source, first, [1])
    expect(raw(vault, '--git-dir', vault, 'for-each-ref', '--format=%(refname)', 'refs/signalbox/runs/R0001')).toBe('')
    execFileSync('git', ['--git-dir', vault, 'gc', '--quiet', '--prune=now'])
    expect(await engine.snapshots.capture(next, base, 1)).toMatchObject({ tree: saved.tree, missing: [] })
    expect(await engine.snapshots.isReadable(source, base, saved.commit)).toBe(true)
  })

  test('lie there as they lay, where git stores other bytes, and are stored as they were', async () => {
    const { engine, source, base, checkout, checkoutOf, capture } = await startRun({ '.gitattributes': '*.txt text\n', 'a.txt': 'a\nb\n', 'b.txt': 'b\n' }, { 'core.autocrlf': 'true' })
    expect(readFileSync(join(checkout.path, 'a.txt'), 'latin1')).toBe('a\r\nb\r\n')
    writeFiles(checkout.path, { 'a.txt': 'mixed\r\nends\n', 'new.txt': 'one\r\n' })
    const saved = await capture()
    expect(saved.exactTree).toBeDefined()
    const folder = join(createTempDir('restored'), 'api')
    await engine.snapshots.writeFiles(source, saved, folder)
    expect(listBytes(folder)).toEqual(listBytes(checkout.path))
    const next = checkoutOf(second)
    await engine.workspaces.createWith(saved, next, base, main)
    expect(listBytes(next.path)).toEqual(listBytes(checkout.path))
    expect(raw(next.path, 'diff', '--name-only')).toBe('')
    const again = await engine.snapshots.capture(next, base, 1)
    expect(again).toEqual({ ...saved, commit: again.commit })
    // What was computed from it never lay anywhere: it lies there as its human's git would write it.
    const part = await engine.snapshots.selectPart(source, first, 2, { base, commit: saved.commit }, [{ path: 'new.txt', hunks: undefined }])
    const computed = { ...part.captured, isComputed: true }
    const restored = join(createTempDir('restored'), 'api')
    await engine.snapshots.writeFiles(source, computed, restored)
    const third = checkoutOf(runIdSchema.parse('R0003'))
    await engine.workspaces.createWith(computed, third, base, main)
    for (const place of [restored, third.path]) expect(['a.txt', 'b.txt', 'new.txt'].map((name) => readFileSync(join(place, name), 'latin1'))).toEqual(['a\r\nb\r\n', 'b\r\n', 'one\r\n'])
    expect(await engine.snapshots.capture(third, base, 1)).toMatchObject({ tree: part.captured.tree, missing: [] })
    writeFiles(next.path, { 'new.txt': 'two\r\n' })
    const further = await engine.snapshots.capture(next, base, 2)
    expect(further.files).toBe(saved.files)
    expect(further.tree).not.toBe(saved.tree)
  })
})

describe('noticing changes', () => {
  test('tells nothing, something, and something else, whatever was changed how', async () => {
    const { engine, base, checkout, capture } = await startRun(BASE)
    const work = checkout.path
    const notice = () => engine.snapshots.noticeChanges(checkout, base)
    expect(await notice()).toBeUndefined()
    const seen = new Set<string | undefined>([undefined])
    const acts: readonly (() => void)[] = [
      () => writeFileSync(join(work, 'a.txt'), 'b\n'),
      () => writeFileSync(join(work, 'a.txt'), 'c\n'),
      () => appendFileSync(join(work, 'new.txt'), 'n'),
      () => appendFileSync(join(work, 'new.txt'), 'n'),
      () => utimesSync(join(work, 'new.txt'), 1, 1),
      () => rmSync(join(work, 'gone.txt')),
      () => chmodSync(join(work, 'tool.sh'), 0o644),
      () => symlinkSync('nowhere', join(work, 'dead')),
    ]
    for (const act of acts) {
      act()
      const now = await notice()
      expect(seen.has(now), act.toString()).toBe(false)
      expect(await notice()).toBe(now)
      seen.add(now)
    }
    await capture()
    expect(await notice()).toBeUndefined()
    writeFileSync(join(work, 'x.log'), 'ignored')
    expect(await notice()).toBeUndefined()
    rmSync(work, { recursive: true })
    await expect(notice()).rejects.toHaveProperty('code', 'git.command_failed')
  })
})
