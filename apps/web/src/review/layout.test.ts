import { describe, expect, test } from 'vitest'
import { beginningOf } from './beginning.ts'
import { fileAt, HEADING_ROWS, layOut, linesAt, nextStop } from './layout.ts'
import { listLines } from './list-lines.ts'
import { changeLetter, changeWords, reviewRepos } from './review-files.ts'

const patch = [
  'diff --git a/a.txt b/a.txt\nindex 11..22 100644\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n@@ -9 +9,2 @@\n nine\n+ten\n',
  'diff --git a/bin b/bin\nindex 33..44 100644\nGIT binary patch\nliteral 1\nIcmZPo00000\n\n',
  'diff --git a/kind b/kind\ndeleted file mode 100644\nindex 55..00\n--- a/kind\n+++ /dev/null\n@@ -1 +0,0 @@\n-text\n',
  'diff --git a/kind b/kind\nnew file mode 120000\nindex 00..66\n--- /dev/null\n+++ b/kind\n@@ -0,0 +1 @@\n+a.txt\n\\ No newline at end of file\n',
].join('')
// The one cast of a test: a brand needs the schema library, which pages do without.
const diff = { snapshot: 'R0001.s1', repos: [{ repo: 'api', files: [], patch }, { repo: 'web', files: [], patch: '' }] } as unknown as Parameters<typeof reviewRepos>[0]
const files = reviewRepos(diff).flatMap((repo) => repo.files)

test('files say what happened to them', () => {
  expect(files.map((file) => [file.path, changeLetter(file), changeWords(file).join(', ')])).toEqual([
    ['a.txt', 'M', 'modified'],
    ['bin', 'M', 'modified, binary'],
    ['kind', 'T', 'type changed'],
    ['kind', 'T', 'type changed, symlink'],
  ])
})

test('equal changes have equal keys, other contents have others', () => {
  expect(reviewRepos(diff).flatMap((repo) => repo.files.map(({ key }) => key))).toEqual(files.map(({ key }) => key))
  expect(new Set(files.map(({ key }) => key)).size).toBe(4)
})

describe.each(['unified', 'split'] as const)('%s', (mode) => {
  const layout = layOut(files, mode, ({ path }) => path === 'folded', new Map())

  test('every row belongs to the file whose rows it is among', () => {
    for (let row = 0; row < (layout.tops.at(-1) ?? 0); row++) {
      const at = fileAt(layout, row)
      expect(row).toBeGreaterThanOrEqual(layout.tops[at] ?? NaN)
      expect(row).toBeLessThan(layout.tops[at + 1] ?? NaN)
    }
  })

  test('each line of a body is shown', () => {
    const shown = new Set(files.flatMap((file, at) => Array.from({ length: layout.bodies[at] ?? 0 }, (_, row) => linesAt(file, mode, row)).flatMap(({ left, right }) => [left, right])))
    for (const { body, end } of files) for (let line = body; line < end; line++) expect(shown).toContain(line)
  })

  test('next stops at each hunk and at files without one, and comes back the same way', () => {
    const forth: number[] = []
    for (let row: number | undefined = nextStop(layout, -1, 1); row !== undefined; row = nextStop(layout, row, 1)) forth.push(row)
    const back: number[] = []
    for (let row = nextStop(layout, layout.tops.at(-1) ?? 0, -1); row !== undefined; row = nextStop(layout, row, -1)) back.push(row)
    expect(forth.map((row) => layout.files[fileAt(layout, row)]?.path)).toEqual(['a.txt', 'a.txt', 'bin', 'kind', 'kind'])
    expect(back).toEqual(forth.toReversed())
  })
})

test('a folded file keeps its heading only', () => {
  const layout = layOut(files, 'unified', () => true, new Map())
  expect([...layout.bodies]).toEqual([0, 0, 0, 0])
  expect(layout.tops[1]).toBe(HEADING_ROWS + 1)
})

test('the list has a line for each repo, folder and file, and unchanged repos say so', () => {
  const repos = reviewRepos({ ...diff, repos: [{ ...diff.repos[0], patch: 'diff --git a/x/a b/x/a\nnew file mode 100644\ndiff --git a/x/b b/x/b\nnew file mode 100644\ndiff --git a/y b/y\nnew file mode 100644\n' }, diff.repos[1]] } as typeof diff)
  expect(listLines(repos).map(({ text }) => text)).toEqual(['api', 'x/', 'x/a', 'x/b', 'y', 'web: unchanged'])
})

test('the beginning of a long diff is cut at a line, and a repo after it is empty', () => {
  const long = { ...diff, repos: [{ ...diff.repos[0], patch: patch + '+line\n'.repeat(50_000) }, { ...diff.repos[1], patch }] } as typeof diff
  const [first, second] = beginningOf(long).repos
  expect(long.repos[0]?.patch.startsWith(first?.patch ?? '-')).toBe(true)
  expect(first?.patch.endsWith('\n')).toBe(true)
  expect(first?.patch.length).toBeLessThan(101_000)
  expect(second?.patch).toBe('')
  expect(beginningOf(diff)).toBe(diff)
})
