import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, run as sh, writeFiles, type Files } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import { applyHunks, parseHunks } from './part-hunks.ts'
import type { Choice } from './select-part.ts'

afterAll(removeTempDirs)

const run = runIdSchema.parse('R0001')
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('')

/** A change, and what is made of parts of it. */
async function createChange(files: Files, change: (path: string) => void) {
  const path = createRepo(files)
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  change(path)
  const commit = oidSchema.parse(commitAll(path, 'change'))
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const vault = join(stateDir, 'vaults', 'api.git')
  const select = (choice: Choice) => engine.snapshots.selectPart(source, run, 2, { base, commit }, choice)
  /** `MODE PATH CONTENT` of every file of a tree. */
  const list = (tree: string): readonly string[] => sh(path, 'git', ['--git-dir', vault, 'ls-tree', '-r', '-z', tree]).split('\0').filter((line) => line !== '')
  return { path, base, commit, vault, select, list, patch: (await engine.snapshots.diff(source, base, commit)).patch }
}

const whole = (...paths: readonly string[]): Choice => paths.map((path) => ({ path, hunks: undefined }))

describe('a part of a change', () => {
  const files: Files = { 'edit.txt': lines(40), 'gone.txt': 'x\n', 'old name.txt': lines(30), 'mode.sh': 'x\n', kind: 'x\n', bin: Buffer.from([0, 1]), 'dir/a.txt': 'a\n', same: 'same\n' }
  const change = (path: string): void => {
    writeFiles(path, { 'edit.txt': lines(40).replace('line 3\n', '--- no header\n').replace('line 20\n', '').replace('line 39\n', 'no end of line'), 'gone.txt': null, 'new.txt': 'n\n', 'mode.sh': { executable: 'x\n' }, kind: { link: 'same' }, bin: Buffer.from([0, 2]), 'dir/a.txt': 'A\n' })
    raw(path, 'mv', 'old name.txt', 'new name.txt')
    writeFiles(path, { 'new name.txt': lines(30).replace('line 2\n', '2\n').replace('line 25\n', '25\n') })
  }

  test('holds each chosen file as the change has it, and each other as the base has it', async () => {
    const { path: source, select, list, base, commit } = await createChange(files, change)
    const [before, after] = [list(base), list(commit)]
    const at = (listed: readonly string[], ...paths: readonly string[]): readonly string[] => listed.filter((line) => paths.includes(line.slice(line.indexOf('\t') + 1)))
    for (const paths of [['gone.txt'], ['new.txt'], ['mode.sh'], ['kind'], ['bin'], ['old name.txt', 'new name.txt'], ['edit.txt', 'kind', 'gone.txt']]) {
      const { captured, leftOut } = await select(whole(...paths))
      const expected = [...before.filter((line) => !at(before, ...paths).includes(line)), ...at(after, ...paths)]
      expect(list(captured.tree)).toEqual(expected.toSorted((a, b) => (a.slice(a.indexOf('\t')) < b.slice(b.indexOf('\t')) ? -1 : 1)))
      expect(leftOut.map(({ path }) => path)).toEqual(['bin', 'dir/a.txt', 'edit.txt', 'gone.txt', 'kind', 'mode.sh', 'new name.txt', 'new.txt'].filter((path) => !paths.includes(path)))
    }
    expect((await select(whole('dir/'))).captured).toMatchObject({ files: 1 })
    expect((await select('all')).captured.tree).toBe(raw(source, 'rev-parse', `${commit}^{tree}`))
  })

  test('is a commit on the base of the change, held by a ref of its own', async () => {
    const { select, vault, base, path } = await createChange(files, change)
    const { captured } = await select(whole('new.txt'))
    expect(sh(path, 'git', ['--git-dir', vault, 'rev-parse', 'refs/signalbox/runs/R0001/s2', `${captured.commit}^`, `${captured.commit}^{tree}`]).trim().split('\n')).toEqual([captured.commit, base, captured.tree])
  })

  test('takes the name and the mode along with a hunk, and says which hunks it leaves out', async () => {
    const { select, vault, path } = await createChange(files, change)
    const { captured, leftOut } = await select([{ path: 'new name.txt', hunks: [2] }, { path: 'edit.txt', hunks: [1, 3] }])
    const show = (file: string): string => sh(path, 'git', ['--git-dir', vault, 'show', `${captured.tree}:${file}`])
    expect(show('new name.txt')).toBe(lines(30).replace('line 25\n', '25\n'))
    expect(show('edit.txt')).toBe(lines(40).replace('line 3\n', '--- no header\n').replace('line 39\n', 'no end of line'))
    expect(leftOut.filter(({ hunks }) => hunks !== null)).toEqual([{ path: 'edit.txt', hunks: [2] }, { path: 'new name.txt', hunks: [1] }])
    expect(leftOut).toHaveLength(8)
  })

  test.each<[string, Choice, RegExp]>([
    ['a file that is not changed', whole('same'), /same is not changed/],
    ['a hunk that is not there', [{ path: 'edit.txt', hunks: [4] }], /edit\.txt has no hunk 4.*3 hunks/],
    ['a hunk of a binary file', [{ path: 'bin', hunks: [1] }], /bin has no hunk 1.*only be chosen whole/],
    ['a hunk of a file that became a link', [{ path: 'kind', hunks: [1] }], /kind has no hunk 1.*whole/],
  ])('is refused for %s', async (_name, choice, message) => {
    const { select } = await createChange(files, change)
    await expect(select(choice)).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringMatching(message) })
  })

  test('is refused where a file takes the place of what stays', async () => {
    const { select } = await createChange({ a: 'file\n', 'b/c': 'file\n' }, (path) => writeFiles(path, { 'b/c': null, b: 'now a file\n', a: null, 'a/d': 'now a folder\n' }))
    await expect(select(whole('b'))).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('b takes the place of b/c') })
    await expect(select(whole('a/d'))).rejects.toMatchObject({ code: 'input.invalid' })
    expect((await select(whole('a', 'a/d'))).captured).toMatchObject({ files: 2 })
    expect((await select(whole('b/c'))).captured).toMatchObject({ files: 1 })
  })

  test('is refused where it would split files from the attributes they are stored by', async () => {
    const attributes = await createChange({ 'a.txt': 'a\n' }, (path) => writeFiles(path, { '.gitattributes': '* text=auto\n', 'a.txt': 'b\n' }))
    await expect(attributes.select(whole('a.txt'))).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('.gitattributes') })
    expect((await attributes.select('all')).leftOut).toEqual([])
    expect((await attributes.select([])).captured).toMatchObject({ files: 0 })
    const harmless = await createChange({ 'a.txt': 'a\n' }, (path) => writeFiles(path, { '.gitattributes': '*.js linguist-vendored\n', 'a.txt': 'b\n' }))
    expect((await harmless.select(whole('a.txt'))).captured).toMatchObject({ files: 1 })
  })
})

/** A file and what became of it, so alike in places that only line numbers tell hunks apart. */
const edited = fc.record({ old: fc.array(fc.constantFrom('a', 'b', '', '}'), { minLength: 20, maxLength: 60 }), edits: fc.array(fc.record({ at: fc.nat(60), drop: fc.nat(3), put: fc.array(fc.constantFrom('a', 'new', '@@ -1 +1 @@', '\\'), { maxLength: 3 }) }), { minLength: 2, maxLength: 5 }), ends: fc.tuple(fc.boolean(), fc.boolean()) }).map(({ old, edits, ends: [oldEnds, newEnds] }) => {
  const now: string[] = [...old]
  for (const { at, drop, put } of edits) now.splice(Math.min(at, now.length), drop, ...put)
  return { old: `${old.join('\n')}${oldEnds ? '\n' : ''}`, now: `${now.join('\n')}${newEnds ? '\n' : ''}` }
})

describe('hunks', () => {
  test('applied in part give what git apply gives, and with those left out the whole', async () => {
    const path = createRepo({})
    const patchBetween = (from: string, to: string): string => {
      writeFiles(path, { from, to })
      return sh(path, 'git', ['diff', '--no-index', '--unified=3', '--diff-algorithm=myers', 'from', 'to'], { okExits: [0, 1] })
    }
    await fc.assert(
      fc.asyncProperty(edited, fc.infiniteStream(fc.boolean()), async ({ old, now }, yes) => {
        const patch = patchBetween(old, now)
        const hunks = parseHunks(patch)
        expect(applyHunks(old, hunks)).toBe(now)
        const isChosen = hunks.map(() => yes.next().value)
        const chosen = hunks.filter((_, index) => isChosen[index])
        const part = applyHunks(old, chosen)
        // What was left out, where it stands once the others are in.
        let shift = 0
        const starts: number[] = []
        const rest = hunks.flatMap((hunk, index) => {
          const moved = { ...hunk, before: hunk.before + shift }
          if (isChosen[index] === true) starts.push(moved.before + 1)
          if (isChosen[index] === true) shift += hunk.new.length - hunk.old.length
          return isChosen[index] === true ? [] : [moved]
        })
        expect(applyHunks(part, rest)).toBe(now)
        if (chosen.length === 0) return
        const [, ...bodies] = patch.split(/(?=^@@ -)/m)
        // Where a hunk comes to stand depends on those before it; left as it was, git would look around for a place that is alike.
        const bodiesChosen = bodies.filter((_, index) => isChosen[index]).map((body, index) => body.replace(/(?<=^@@ -\S+ \+)\d+/, String(starts[index])))
        writeFiles(path, { file: old, 'part.patch': `--- a/file\n+++ b/file\n${bodiesChosen.join('')}` })
        sh(path, 'git', ['apply', 'part.patch'])
        expect(sh(path, 'cat', ['file'])).toBe(part)
      }),
      { numRuns: 40 },
    )
  })
})
