import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { createTempDir, git as raw, removeTempDirs } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import type { CapturedRepo } from './save-tree.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const runId = runIdSchema.parse('R0001')

type Bytes = Readonly<Record<string, string | Buffer | undefined>>

/** Writes files as they are given; undefined removes one. */
function write(folder: string, files: Bytes): void {
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(folder, path)
    if (bytes === undefined) rmSync(file)
    else {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, bytes)
    }
  }
}

interface Human {
  readonly files: Bytes
  readonly config?: Readonly<Record<string, string>>
  readonly infoAttributes?: string
  /** Done to the source when all is committed and before the run begins. */
  readonly afterwards?: (path: string) => void
}

/** A human's repository, a second checkout of theirs, and a run beside both. */
async function startRun({ files, config = {}, infoAttributes, afterwards }: Human) {
  const path = createTempDir('source')
  raw(path, 'init', '--quiet', '--initial-branch=main')
  for (const [name, value] of Object.entries(config)) raw(path, 'config', name, value)
  if (infoAttributes !== undefined) write(path, { '.git/info/attributes': infoAttributes })
  write(path, files)
  raw(path, 'add', '--all')
  raw(path, 'commit', '--quiet', '-m', 'base')
  afterwards?.(path)
  const human = join(createTempDir('human'), 'checkout')
  raw(path, 'worktree', 'add', '--quiet', '--detach', human)
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run: runId, source: { repo: repoNameSchema.parse('api'), path }, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  return {
    work: checkout.path,
    human,
    base,
    vault: join(stateDir, 'vaults', 'api.git'),
    capture: (number = 1): Promise<CapturedRepo> => engine.snapshots.capture(checkout, base, number),
    checks: {
      path: join(stateDir, 'checks', 'api'),
      reset: (commit: CapturedRepo['commit']) => engine.workspaces.resetCheckFolder(checkout.source, join(stateDir, 'checks', 'api'), commit),
      read: () => engine.workspaces.readCheckTree(checkout.source, join(stateDir, 'checks', 'api')),
    },
    changedSince: (saved: CapturedRepo) => engine.snapshots.changedSince(checkout, saved),
    /** What the human's own git stores of their checkout. */
    addAsHuman: (): string => {
      raw(human, 'add', '--all')
      return raw(human, 'write-tree')
    },
  }
}

const crlf = 'one\r\ntwo\r\n'
const fixtures: readonly (readonly [string, Human])[] = [
  ['autocrlf=true', { files: { 'a.txt': 'one\n', 'b.bin': Buffer.from([0, 13, 10]), 'deep/c.txt': 'c\n' }, config: { 'core.autocrlf': 'true' } }],
  ['autocrlf=input', { files: { 'a.txt': 'one\n', 'deep/c.txt': 'c\n' }, config: { 'core.autocrlf': 'input' } }],
  ['text=auto', { files: { '.gitattributes': '* text=auto\n', 'a.txt': 'one\n', 'b.bin': Buffer.from([0, 13, 10]) } }],
  ['eol=crlf in a folder', { files: { 'deep/.gitattributes': '*.txt text eol=crlf\n/top.md text eol=crlf\n', 'deep/c.txt': 'c\n', 'deep/er/c.txt': 'c\n', 'deep/top.md': 'x\n', 'deep/er/top.md': 'x\n', 'a.txt': 'one\n' } }],
  ['an encoding', { files: { '.gitattributes': '*.ps1 text working-tree-encoding=UTF-16LE\n', 'a.ps1': Buffer.from('one\n', 'utf16le') } }],
  ['ident', { files: { '.gitattributes': '*.txt ident\n', 'a.txt': '$Id$\n', 'kept.txt': '$Id$\n' } }],
  ['a folder whose name sorts before its own attributes', { files: { '.gitattributes': '*.txt -text\n', '+d/.gitattributes': '*.txt text\n', '+d/a.txt': 'one\n' } }],
  ['a letter with a byte that other languages call blank', { files: { 'deep/.gitattributes': 'voil\u00e0.txt text\n', 'deep/voil\u00e0.txt': 'one\n' } }],
  ['a quote that is never closed', { files: { 'deep/.gitattributes': '"a.txt text eol=crlf\nc.txt text\n', 'deep/"a.txt': 'one\n', 'deep/c.txt': 'c\n' } }],
  ['autocrlf without a value', { files: { 'a.txt': 'one\n' }, afterwards: (path) => appendFileSync(join(path, '.git/config'), '[core]\n\tautocrlf\n') }],
  ['attributes of the repository alone', { files: { 'a.txt': 'one\n' }, infoAttributes: '*.txt text eol=crlf\n' }],
  ['modes that are not looked at', { files: { 'a.txt': 'one\n', 'deep/c.txt': 'c\n' }, config: { 'core.fileMode': 'false' } }],
  ['attributes in a file set from the top of the checkout', { files: { 'set/attributes': '*.txt text\n', 'a.txt': 'one\n' }, config: { 'core.attributesFile': 'set/attributes' } }],
  ['a filter that no program is set for', { files: { '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n', 'a.psd': 'version https://git-lfs\n' } }],
]

describe('a repository that converts', () => {
  test.each(fixtures)('%s: the checkout holds the bytes that the human has, and git finds it clean', async (_name, human) => {
    const run = await startRun(human)
    for (const path of Object.keys(human.files)) expect(readFileSync(join(run.work, path)).toString('latin1')).toBe(readFileSync(join(run.human, path)).toString('latin1'))
    expect(raw(run.work, 'status', '--porcelain')).toBe('')
  })

  test.each(fixtures)('%s: an untouched checkout has changed nothing', async (_name, human) => {
    const { capture, base, vault } = await startRun(human)
    const captured = await capture()
    expect(captured).toMatchObject({ files: 0, missing: [], tree: raw(vault, '--git-dir', vault, 'rev-parse', `${base}^{tree}`) })
  })

  const edits: Bytes = { 'deep/voil\u00e0.txt': crlf, 'deep/"a.txt': crlf, 'a.txt': crlf, 'new.txt': crlf, 'deep/new.txt': crlf, '+d/new.txt': crlf, 'lf.txt': 'one\n', 'mixed.txt': 'one\r\ntwo\n', 'c.bin': Buffer.from([0, 13, 10, 13, 10]) }
  test.each(fixtures)("%s: the saved tree is what the human's own git add stores", async (_name, human) => {
    const run = await startRun(human)
    for (const folder of [run.work, run.human]) write(folder, edits)
    const captured = await run.capture()
    expect(captured).toMatchObject({ tree: run.addAsHuman(), missing: [] })
    expect(await run.changedSince(captured)).toEqual([])
    write(run.work, { 'new.txt': 'other\n' })
    expect(await run.changedSince(captured)).toEqual(['new.txt'])
  })

  test.each(['false', 'true', undefined])('with core.fileMode=%s the saved modes are what the human stores, those on disk can be had again, and the git of its agent agrees', async (fileMode) => {
    const run = await startRun({
      files: { 'a.txt': 'a\n', 'b.txt': 'b\n', 'tool.sh': 'tool\n' },
      afterwards: (path) => {
        raw(path, 'update-index', '--chmod=+x', 'tool.sh')
        raw(path, 'commit', '-qm', 'tool')
        raw(path, 'reset', '-q', '--hard')
        raw(path, 'config', ...(fileMode === undefined ? ['--unset', 'core.fileMode'] : ['core.fileMode', fileMode]))
      },
    })
    for (const folder of [run.work, run.human]) {
      write(folder, { 'b.txt': 'edited\n', 'new.sh': 'new\n' })
      for (const [path, mode] of [['a.txt', 0o755], ['b.txt', 0o755], ['new.sh', 0o755], ['tool.sh', 0o644]] as const) chmodSync(join(folder, path), mode)
    }
    const ofAgent = raw(run.work, 'status', '--porcelain')
    const captured = await run.capture()
    expect(captured).toMatchObject({ tree: run.addAsHuman(), files: fileMode === 'false' ? 2 : 4, missing: [] })
    expect(ofAgent.split('\n').map((line) => line.trim())).toEqual(fileMode === 'false' ? ['M b.txt', '?? new.sh'] : ['M a.txt', 'M b.txt', 'M tool.sh', '?? new.sh'])
    expect(await run.changedSince(captured)).toEqual([])
    const onDisk = raw(run.vault, '--git-dir', run.vault, 'ls-tree', fileMode === 'false' ? 'refs/signalbox/runs/R0001/s1-exact' : captured.tree)
    expect(onDisk.split('\n').map((line) => line.slice(0, 6))).toEqual(['100755', '100755', '100755', '100644'])
  })

  test.each(fixtures)('%s: the bytes on disk can be had again', async (_name, human) => {
    const { work, vault, capture } = await startRun(human)
    write(work, edits)
    const { tree } = await capture()
    const exact = raw(vault, '--git-dir', vault, 'for-each-ref', '--format=%(objectname)', 'refs/signalbox/runs/R0001/s1-exact') || tree
    for (const path of [...Object.keys(human.files), ...Object.keys(edits)]) {
      const saved = execFileSync('git', ['--git-dir', vault, 'cat-file', 'blob', `${exact}:${path}`])
      expect(saved.toString('latin1')).toBe(readFileSync(join(work, path)).toString('latin1'))
    }
  })

  test.each(fixtures)('%s: checks find the bytes that the human would have, twice, and what they change shows', async (_name, human) => {
    const { work, capture, checks } = await startRun(human)
    write(work, { 'a.txt': crlf })
    const { commit, tree } = await capture()
    for (const round of [1, 2]) {
      await checks.reset(commit)
      for (const path of Object.keys(human.files).filter((each) => each !== 'a.txt')) expect(readFileSync(join(checks.path, path)).toString('latin1')).toBe(readFileSync(join(work, path)).toString('latin1'))
      expect([raw(checks.path, 'status', '--porcelain'), await checks.read()]).toEqual(['', tree])
      write(checks.path, { 'a.txt': `${round}\r\n` })
      expect(await checks.read()).not.toBe(tree)
    }
  })

  test.each<readonly [string, Bytes, Bytes, readonly string[]]>([
    ['lines that change nothing of what was saved', { '.gitattributes': '*.txt text\n' }, { '.gitattributes': '*.txt text\n*.png binary\n*.md -diff\n', 'a.txt': crlf, 'b.md': crlf }, []],
    ['a conversion that comes', { '.gitattributes': '*.txt text\n' }, { '.gitattributes': '*.txt text\n*.md text\n', 'b.md': crlf }, ['.gitattributes']],
    ['a conversion that goes', { '.gitattributes': '* text=auto\n' }, { '.gitattributes': '* text=auto\n*.csv -text\n', 'x.csv': crlf }, ['.gitattributes']],
    ['a conversion that goes by a macro', { '.gitattributes': '* text=auto\n' }, { '.gitattributes': '[attr]raw -text\n* text=auto\n*.csv raw\n', 'x.csv': crlf }, ['.gitattributes']],
    ['attributes that are gone', { 'deep/.gitattributes': '* text=auto\n', 'deep/a.txt': 'one\n' }, { 'deep/.gitattributes': undefined, 'deep/a.txt': crlf }, ['deep/.gitattributes']],
    ['attributes where none were', { 'a.txt': 'a\n' }, { '.gitattributes': '*.txt text\n', 'a.txt': crlf }, ['.gitattributes']],
    ['a filter without a program', { 'a.txt': 'a\n' }, { '.gitattributes': '*.txt filter=lfs\n', 'a.txt': crlf }, []],
  ])("%s: said where the human's git add would store something else", async (_name, files, changes, reported) => {
    const run = await startRun({ files })
    write(run.work, changes)
    write(run.human, changes)
    const { tree, missing } = await run.capture()
    expect(missing).toEqual(reported.map((path) => ({ path, reason: 'converting_attributes' })))
    expect(tree === run.addAsHuman()).toBe(reported.length === 0)
  })

  test('attributes that call a program are named, and it does not run', async () => {
    const run = await startRun({ files: { 'a.txt': 'a\n' }, config: { 'filter.lfs.clean': 'false' } })
    write(run.work, { '.gitattributes': '*.txt filter=lfs\n', 'a.txt': 'b\n' })
    expect((await run.capture()).missing).toEqual([{ path: '.gitattributes', reason: 'converting_attributes' }])
  })

  test('a git that fails for another reason fails the look, and names no file as one that cannot be converted', async () => {
    const run = await startRun({ files: { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'one\n' } })
    write(run.work, { 'a.txt': crlf, 'b.txt': crlf })
    // The converted bytes have no room: their object is a folder already.
    const oid = execFileSync('git', ['hash-object', '--stdin'], { input: 'one\ntwo\n', encoding: 'utf8' }).trim()
    write(run.vault, { [`objects/${oid.slice(0, 2)}`]: 'no folder' })
    await expect(run.capture()).rejects.toMatchObject({ code: expect.stringMatching(/^(git\.command_failed|disk\.)/) })
  })

  test('how a run converts is kept out of its reach, and its loss is no answer', async () => {
    const run = await startRun({ files: { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'one\n' } })
    write(run.work, { 'a.txt': crlf })
    raw(run.vault, '--git-dir', run.vault, 'pack-refs', '--all')
    expect(await run.capture()).toMatchObject({ missing: [], exactTree: expect.any(String) })
    const kept = raw(run.vault, '--git-dir', run.vault, 'rev-parse', 'refs/signalbox/runs/R0001/conversion')
    rmSync(join(run.vault, 'objects', kept.slice(0, 2), kept.slice(2)))
    await expect(run.capture(2)).rejects.toMatchObject({ code: 'git.command_failed' })
  })

  test('a file that cannot be converted is named, and all others are stored', async () => {
    const run = await startRun({ files: { '.gitattributes': '*.ps1 text working-tree-encoding=UTF-16LE\n', 'a.ps1': Buffer.from('one\n', 'utf16le'), 'a.txt': 'a\n' } })
    write(run.work, { 'a.ps1': Buffer.from([0x61]), 'b.ps1': Buffer.from('two\n', 'utf16le'), 'a.txt': 'b\n' })
    const { tree, missing } = await run.capture()
    const stored = (path: string): string => execFileSync('git', ['--git-dir', run.vault, 'cat-file', 'blob', `${tree}:${path}`]).toString()
    expect(missing).toEqual([{ path: 'a.ps1', reason: 'not_convertible' }])
    expect(['a.ps1', 'b.ps1', 'a.txt'].map(stored)).toEqual(['one\n', 'two\n', 'b\n'])
  })

  test('what was stored unconverted stays so until somebody touches it', async () => {
    const run = await startRun({ files: { 'a.txt': crlf, 'b.txt': crlf }, afterwards: (path) => write(path, { '.git/info/attributes': '*.txt text\n' }) })
    expect(await run.capture()).toMatchObject({ files: 0 })
    write(run.work, { 'b.txt': `${crlf}three\r\n` })
    const { tree } = await run.capture(2)
    expect(raw(run.vault, '--git-dir', run.vault, 'diff-tree', '-r', '--name-only', run.base, tree)).toBe('b.txt')
    expect(execFileSync('git', ['--git-dir', run.vault, 'cat-file', 'blob', `${tree}:b.txt`]).toString()).toBe('one\ntwo\nthree\n')
  })
})

describe('attributes files of a tree, as one text for its top', () => {
  const name = fc.constantFrom('a.txt', 'b.md', 'c d.txt', 'x[1].txt', 'é.md', '#x.txt', '!b.md', 'alines')
  const folder = fc.constantFrom('', '+d/', 'deep/', 'deep/er/', 'od d/', 'g*b/', 'gxb/')
  const path = fc.tuple(folder, name).map((parts) => parts.join(''))
  const pattern = fc.constantFrom('*', '*.txt', '*.md', 'a.txt', '/a.txt', 'er/*.txt', 'deep/**', '**/er/*.md', '"c d.txt"', 'x\\[1\\].txt', '"\\303\\251.md"', '!*.md', 'er/', '[a-c].*', '?.md', '[attr]lines')
  const setting = fc.constantFrom('text', '-text', '!text', 'text=auto', 'eol=crlf', 'eol=lf', 'binary', 'ident', '-ident', 'lines', 'text eol=crlf', '!eol')
  const attributes = fc.array(fc.tuple(pattern, setting), { maxLength: 4 }).map((lines) => lines.map((line) => `${line.join(' ')}\n`).join(''))
  const contents = fc.constantFrom('one\r\ntwo\r\n', 'one\ntwo\n', 'one\r\ntwo\n', '$Id: 0 $\r\n', '\0\r\n')

  test("any of them, anywhere: the saved tree is what the human's own git add stores", async () => {
    const human = fc.record({
      top: attributes,
      inFolders: fc.dictionary(fc.constantFrom('+d/', 'deep/', 'deep/er/', 'od d/', 'g*b/'), attributes, { maxKeys: 4 }),
      info: attributes,
      autocrlf: fc.constantFrom('false', 'input', 'true'),
      files: fc.dictionary(path, contents, { maxKeys: 6 }),
      edits: fc.dictionary(path, contents, { minKeys: 1, maxKeys: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(human, async ({ top, inFolders, info, autocrlf, files, edits }) => {
        const attributesFiles = Object.fromEntries(Object.entries({ '': `[attr]lines text eol=crlf\n${top}`, ...inFolders }).map(([at, text]) => [`${at}.gitattributes`, text]))
        const run = await startRun({ files: { ...files, ...attributesFiles }, config: { 'core.autocrlf': autocrlf }, infoAttributes: info })
        for (const at of [run.work, run.human]) write(at, edits)
        expect(await run.capture()).toMatchObject({ tree: run.addAsHuman(), missing: [] })
      }),
      { numRuns: 15 },
    )
  })
})
