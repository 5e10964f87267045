import type { FindingView } from '@signalbox/core'
import { expect, test } from 'vitest'
import { contentAt, HEADING_ROWS, layOut, rowInLayout } from './layout.ts'
import { findLine, noteRows, placesIn, type FoundPlace } from './note-rows.ts'
import { textOf } from './patch-index.ts'
import { reviewRepos } from './review-files.ts'

const patch = [
  'diff --git a/a.txt b/a.txt\nindex 11..22 100644\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n@@ -9 +9,2 @@\n nine\n+ten\n',
  'diff --git a/was.txt b/is.txt\nsimilarity index 50%\nrename from was.txt\nrename to is.txt\nindex 11..22 100644\n--- a/was.txt\n+++ b/is.txt\n@@ -3 +3 @@\n-three\n+drei\n',
  'diff --git a/bin b/bin\nindex 33..44 100644\nGIT binary patch\nliteral 1\nIcmZPo00000\n\n',
].join('')
// The casts of a test: a brand needs the schema library, which pages do without.
const diff = { snapshot: 'R0001.s1', repos: [{ repo: 'api', files: [], patch }] } as unknown as Parameters<typeof reviewRepos>[0]
const files = reviewRepos(diff).flatMap((repo) => repo.files)
const at = (id: string, path: string, side: 'new' | 'old', line: number | undefined): FoundPlace => ({ id: id as FoundPlace['id'], repo: 'api', path, side, line })
const places = [at('F1', 'a.txt', 'new', 10), at('F2', 'a.txt', 'old', 2), at('F3', 'a.txt', 'new', undefined), at('F4', 'was.txt', 'old', 3), at('F5', 'a.txt', 'new', 5), at('F6', 'bin', 'new', undefined), at('F7', 'none', 'new', 1), at('F8', 'a.txt', 'old', 2)]

test('a line is found by its number on either side, and only where the diff shows it', () => {
  const [file] = files
  if (file === undefined) throw new Error('the patch has a file')
  const words = (side: 'new' | 'old', number: number): string | undefined => {
    const line = findLine(file, side, number)
    return line === undefined ? undefined : textOf(file.repo.index, line)
  }
  expect([1, 2, 3, 8, 9, 10, 11].map((number) => words('new', number))).toEqual(['one', 'zwei', undefined, undefined, 'nine', 'ten', undefined])
  expect([1, 2, 9, 10].map((number) => words('old', number))).toEqual(['one', 'two', 'nine', undefined])
})

test.each(['unified', 'split'] as const)('in the %s view notes stand below their lines, and every line is still shown once', (mode) => {
  const notes = noteRows(files, mode, places)
  const plain = layOut(files, mode, () => false, new Map())
  const layout = layOut(files, mode, () => false, notes)
  expect([...layout.bodies].map((body, file) => body - (plain.bodies[file] ?? 0))).toEqual([4, 1, 0])
  for (const file of files.slice(0, 2)) {
    const contents = Array.from({ length: layout.bodies[file.number] ?? 0 }, (_, row) => contentAt(layout, file, row))
    const before = Array.from({ length: plain.bodies[file.number] ?? 0 }, (_, row) => contentAt(plain, file, row))
    expect(contents.filter((content) => 'left' in content)).toEqual(before)
    contents.forEach((content, row) => {
      if ('left' in content) for (const line of [content.left, content.right]) if (line >= 0) expect(rowInLayout(layout, file, line)).toBe((layout.tops[file.number] ?? 0) + HEADING_ROWS + row)
    })
    const said = contents.map((content) => ('left' in content ? textOf(file.repo.index, content.right < 0 ? content.left : content.right) : content.id))
    expect(said).toEqual(file.number === 1 ? (mode === 'split' ? ['@@ -3 +3 @@', 'drei', 'F4'] : ['@@ -3 +3 @@', 'three', 'F4', 'drei']) : mode === 'split' ? ['F3', '@@ -1,2 +1,2 @@', 'one', 'zwei', 'F2', 'F8', '@@ -9 +9,2 @@', 'nine', 'ten', 'F1'] : ['F3', '@@ -1,2 +1,2 @@', 'one', 'two', 'F2', 'F8', 'zwei', '@@ -9 +9,2 @@', 'nine', 'ten', 'F1'])
  }
})

test('findings stand where they lie in the latest round, where they were put in the one before, and nowhere else', () => {
  const finding = (id: string, side: 'new' | 'old', place: number | null): FindingView =>
    ({ id, anchor: { repo: 'api', path: 'a.txt', side, snapshot: 'R0001.s1', lines: { from: 1, to: 2, hash: 'h' } }, place: place === null ? null : { side, from: place - 1, to: place } }) as unknown as FindingView
  const findings = [finding('F1', 'new', 7), finding('F2', 'old', 8), finding('F3', 'new', null), { ...finding('F4', 'new', 1), anchor: null }]
  const seen = (shown: string, since = false): readonly unknown[] => placesIn(findings, { latest: 'R0001.s3' as never, shown: shown as never, since }).map(({ id, line }) => [id, line])
  expect(seen('R0001.s3')).toEqual([['F1', 7], ['F2', 8]])
  expect(seen('R0001.s3', true)).toEqual([['F1', 7]])
  expect(seen('R0001.s2')).toEqual([])
  expect(seen('R0001.s1')).toEqual([['F1', 2], ['F2', 2], ['F3', 2]])
})
