import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hunkAt, indexPatch, newNumberOf, oldNumberOf, textOf, type PatchIndex } from './patch-index.ts'
import { kind, type Kind } from './patch-kind.ts'

/** Lines that look like something else, or that people forget. */
const nasty = ['', ' ', '-- x', '++ x', '- a', '+ b', '@@ -1,2 +3,4 @@', 'diff --git a/x b/x', '\\ No newline at end of file', 'index 0..1', 'tab\tend', 'dos\r', 'line\u2028sep', 'GIT binary patch', 'é 漢']
const line = fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\n\0]/g, '')))

describe('against a patch made line by line', () => {
  interface Expected {
    readonly kind: Kind
    readonly old: number | undefined
    readonly new: number | undefined
    readonly text: string
  }
  const change = fc.tuple(fc.constantFrom(kind.context, kind.added, kind.removed), line)
  const hunk = fc.record({ old: fc.nat(1e6), new: fc.nat(1e6), lines: fc.array(change, { minLength: 1, maxLength: 200 }), title: fc.constantFrom('', ' function x() {') })
  const sign = { [kind.context]: ' ', [kind.added]: '+', [kind.removed]: '-' }

  function write(files: readonly (readonly { old: number; new: number; title: string; lines: readonly (readonly [2 | 3 | 4, string])[] }[])[]) {
    const text: string[] = []
    const expected: Expected[] = []
    const put = (entry: Expected, prefix = ''): void => {
      expected.push(entry)
      text.push(prefix + entry.text)
    }
    files.forEach((hunks, file) => {
      for (const header of [`diff --git a/f${file} b/f${file}`, 'index 11..22 100644', `--- a/f${file}`, `+++ b/f${file}`]) put({ kind: kind.header, old: undefined, new: undefined, text: header })
      for (const { lines, title, ...start } of hunks) {
        const count = (...kinds: readonly Kind[]): number => lines.filter(([own]) => kinds.includes(own)).length
        put({ kind: kind.hunk, old: undefined, new: undefined, text: `@@ -${start.old},${count(kind.context, kind.removed)} +${start.new},${count(kind.context, kind.added)} @@${title}` })
        let { old, new: fresh } = start
        for (const [own, content] of lines) put({ kind: own, old: own === kind.added ? undefined : old++, new: own === kind.removed ? undefined : fresh++, text: content }, sign[own])
      }
    })
    return { patch: text.map((part) => `${part}\n`).join(''), expected }
  }

  test('every line has its kind, numbers and text', () => {
    fc.assert(
      fc.property(fc.array(fc.array(hunk, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), (files) => {
        const { patch, expected } = write(files)
        const index = indexPatch(patch)
        expect(expected.map((_, at) => ({ kind: index.kinds[at], old: oldNumberOf(index, at), new: newNumberOf(index, at), text: textOf(index, at) }))).toEqual(expected)
        expect(index.lines).toBe(expected.length)
        expect(index.files.map(({ path }) => path)).toEqual(files.map((_, at) => `f${at}`))
      }),
      { numRuns: 60 },
    )
  })

  test('no text makes it fail, and every character is in exactly one line', () => {
    const piece = fc.oneof(line, fc.constantFrom('diff --git a/x b/x', '@@ -1,3 +1,3 @@', '@@ -1 +1 @@', '+x', '-x', ' x', '\\ No', '--- "a/\\', '+++ b/'))
    fc.assert(
      fc.property(fc.array(piece), fc.boolean(), (pieces, ended) => {
        const patch = pieces.join('\n') + (ended ? '\n' : '')
        const index = indexPatch(patch)
        const starts = [...index.offsets]
        expect(starts.map((from, at) => patch.slice(from, starts[at + 1] ?? patch.length)).join('')).toBe(patch)
        for (let at = 0; at < index.lines; at++) textOf(index, at)
      }),
    )
  })
})

describe('against git', () => {
  let repo = ''
  beforeAll(() => {
    repo = mkdtempSync(join(tmpdir(), 'patch-index-'))
    git('init', '--quiet')
  })
  afterAll(() => rmSync(repo, { recursive: true, force: true }))

  const environment = { PATH: process.env['PATH'], HOME: '/nowhere', GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
  function git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: repo, env: environment, maxBuffer: 1e8 }).toString()
  }

  /** Where a link points: no path holds a zero byte or is empty. */
  function linkOf(text: string): string {
    return text.replaceAll('\0', '').slice(0, 50) || 'nowhere'
  }

  type Entry = { readonly text: string; readonly mode: '100644' | '100755' | '120000' }
  type Tree = Readonly<Record<string, Entry>>

  function commit(tree: Tree): string {
    for (const name of readdirSync(repo)) if (name !== '.git') rmSync(join(repo, name), { recursive: true })
    for (const [path, { text, mode }] of Object.entries(tree)) {
      const file = join(repo, path)
      mkdirSync(dirname(file), { recursive: true })
      if (mode === '120000') symlinkSync(linkOf(text), file)
      else writeFileSync(file, text)
      if (mode === '100755') chmodSync(file, 0o755)
    }
    git('add', '--all', '--force')
    return git('write-tree').trim()
  }

  const paths = ['a.txt', 'dir/with space.txt', 'a b/ b', 'quote"d', 'back\\slash', 'tab\tname', 'new\nline', 'ünï', '-dash', 'x => y', '+plus', 'sp ', 'car\rriage']
  const text = fc.array(line, { maxLength: 30 }).chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`))
  const binary = fc.string({ minLength: 1 }).map((content) => `${content}\0`)
  const entry = fc.record({ text: fc.oneof({ weight: 5, arbitrary: text }, binary), mode: fc.constantFrom<Entry['mode'][]>('100644', '100644', '100644', '100755', '120000') })
  const tree = fc.dictionary(fc.constantFrom(...paths), entry, { maxKeys: 6 })
  /** A tree and what became of it: files edited, moved, removed, added. */
  const pair = fc.tuple(tree, tree, fc.array(fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...paths)), { maxLength: 3 }), fc.boolean()).map(([before, other, moves, fresh]) => {
    const after: Record<string, Entry> = fresh ? { ...other } : { ...before, ...other }
    for (const [from, to] of moves) {
      const moved = before[from]
      if (moved === undefined || from === to) continue
      delete after[from]
      after[to] = { ...moved, text: moved.mode === '120000' ? moved.text : `${moved.text}more\n` }
    }
    return [before, after] as const
  })

  test.each([true, false])('files, modes, ids and counts are those of git, and numbers those of the contents (names quoted: %s)', { timeout: 120_000 }, (quoted) => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const trees = [commit(before), commit(after)]
        const args = ['-c', `core.quotePath=${quoted}`, 'diff-tree', '-r', '-M', '--full-index', '--binary', '--no-color', ...trees]
        const index = indexPatch(git(...args, '--patch'))
        expect(index.files.map(describeFile)).toEqual(rawOf(git(...args, '--raw', '-z', '--numstat')))
        for (const file of index.files) expectContent(index, file, before, after)
      }),
      { numRuns: 25 },
    )
  })

  function describeFile({ path, oldPath, change: changed, oldMode, newMode, binary: isBinary, insertions, deletions }: PatchIndex['files'][number]) {
    return { path, oldPath, change: changed, ...modesOf(changed, oldMode, newMode), lines: isBinary ? '- -' : `${insertions} ${deletions}` }
  }

  /** What `--raw` and `--numstat` say, a change of type written as git writes it in a patch: deleted, then added. */
  function rawOf(output: string) {
    const parts = output.split('\0')
    const entries: { path: string; oldPath: string | undefined; change: string; modes: readonly [string, string]; type: boolean }[] = []
    let at = 0
    for (; parts[at]?.startsWith(':') === true; ) {
      const [oldMode = '', newMode = '', , , letter = ''] = (parts[at++] ?? '').slice(1).split(' ')
      const oldPath = letter.startsWith('R') ? parts[at++] : undefined
      const changed = { A: 'added', D: 'deleted', R: 'renamed' }[letter.charAt(0)] ?? 'modified'
      entries.push({ path: parts[at++] ?? '', oldPath, change: changed, modes: [oldMode, newMode], type: letter === 'T' })
    }
    const counts = entries.map(() => {
      const [added, removed, path] = (parts[at++] ?? '').split('\t')
      if (path === '') at += 2
      return [added ?? '', removed ?? '']
    })
    return entries.flatMap(({ path, oldPath, change: changed, modes, type }, number) => {
      const [added = '', removed = ''] = counts[number] ?? []
      const own = (mode: string | undefined): string | undefined => (mode === '000000' ? undefined : mode)
      if (!type) return [{ path, oldPath, change: changed, ...modesOf(changed, own(modes[0]), own(modes[1])), lines: `${added} ${removed}` }]
      return [
        { path, oldPath, change: 'deleted', oldMode: modes[0], newMode: undefined, lines: expect.any(String) },
        { path, oldPath, change: 'added', oldMode: undefined, newMode: modes[1], lines: expect.any(String) },
      ]
    })
  }

  /** A rename that changes neither mode nor content names no mode, so equal ones are not compared. */
  function modesOf(changed: string, oldMode: string | undefined, newMode: string | undefined): { readonly oldMode: string | undefined; readonly newMode: string | undefined } {
    return changed === 'renamed' && oldMode === newMode ? { oldMode: undefined, newMode: undefined } : { oldMode, newMode }
  }

  function expectContent(index: PatchIndex, { path, oldPath, body, end, oldMode, newMode }: PatchIndex['files'][number], before: Tree, after: Tree): void {
    const linesOf = (found: Entry | undefined, mode: string | undefined): readonly string[] => (found === undefined ? '' : mode === '120000' ? linkOf(found.text) : found.text).split('\n')
    const old = linesOf(before[oldPath ?? path], oldMode)
    const fresh = linesOf(after[path], newMode)
    for (let at = body; at < end; at++) {
      const oldNumber = oldNumberOf(index, at)
      const newNumber = newNumberOf(index, at)
      if (oldNumber !== undefined) expect(textOf(index, at)).toBe(old[oldNumber - 1])
      if (newNumber !== undefined) expect(textOf(index, at)).toBe(fresh[newNumber - 1])
    }
  }
})

test('says whose end has no newline', () => {
  const index = indexPatch('diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n')
  expect(Array.from(index.kinds.slice(4))).toEqual([kind.hunk, kind.removed, kind.mark, kind.added])
  expect(newNumberOf(index, 7)).toBe(1)
})

test('a file that only moves, and one that only changes its mode, have a path and no body', () => {
  const { files } = indexPatch('diff --git a/x y b/x y\nold mode 100644\nnew mode 100755\ndiff --git a/p b/q\nsimilarity index 100%\nrename from p\nrename to q\n')
  expect(files.map(({ path, oldPath, body, end, newMode }) => ({ path, oldPath, empty: body === end, newMode }))).toEqual([
    { path: 'x y', oldPath: undefined, empty: true, newMode: '100755' },
    { path: 'q', oldPath: 'p', empty: true, newMode: undefined },
  ])
})

test('50,000 lines are indexed quickly, in less than half of what the patch itself takes', () => {
  const body = Array.from({ length: 50_000 }, (_, at) => `${'+- '[at % 3]}  const value${at} = ${at}\n`).join('')
  const counts = [0, 1, 2].map((rest) => Math.ceil((50_000 - rest) / 3))
  const patch = `diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,${(counts[1] ?? 0) + (counts[2] ?? 0)} +1,${(counts[0] ?? 0) + (counts[2] ?? 0)} @@\n${body}`
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now()
    indexPatch(patch)
    return performance.now() - start
  })
  const index = indexPatch(patch)
  expect(Math.min(...times)).toBeLessThan(30)
  const taken = [index.kinds, index.offsets, index.samples, index.fileLines, ...Object.values(index.hunks)].reduce((sum, array) => sum + array.byteLength, 0)
  expect(taken).toBeLessThan(patch.length / 2)
  expect(oldNumberOf(index, index.lines - 1)).toBe((counts[1] ?? 0) + (counts[2] ?? 0))
  expect(hunkAt(index, index.lines - 1)).toBe(0)
})
