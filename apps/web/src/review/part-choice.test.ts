import { repoNameSchema, snapshotIdSchema, type RunDiff } from '@signalbox/core'
import { describe, expect, it } from 'vitest'
import { choiceOf, flagsOf, partRepos, turnFile, turnHunk, type LeftOut } from './part-choice.ts'
import { reviewRepos } from './review-files.ts'

const head = (path: string): string => `diff --git a/${path} b/${path}\nindex 1111111..2222222 100644\n--- a/${path}\n+++ b/${path}\n`
const api = `${head('a b.txt')}@@ -1,2 +1,2 @@ head\n same\n-old\n+new\n@@ -20 +20 @@\n+more\n${head('b.txt')}@@ -1 +1 @@\n-x\n+y\ndiff --git a/kind b/kind\ndeleted file mode 100644\n--- a/kind\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git a/kind b/kind\nnew file mode 120000\n--- /dev/null\n+++ b/kind\n@@ -0,0 +1 @@\n+to\n`
const diff: RunDiff = { snapshot: snapshotIdSchema.parse('R0001.s1'), repos: [['api', api], ['web', `${head('w.txt')}@@ -1 +1 @@\n-x\n+y\n`]].map(([repo, patch]) => ({ repo: repoNameSchema.parse(repo), files: [], patch: patch ?? '' })) }
const repos = partRepos(reviewRepos(diff))
const [text, other, link] = repos[0]?.files ?? expect.fail()
const none: LeftOut = new Map()

describe('a part that is chosen on the page', () => {
  it('lists each file once, with its hunks where it has any that can go alone', () => {
    expect(repos[0]?.files.map(({ file, hunks }) => [file.path, hunks])).toEqual([
      ['a b.txt', [{ number: 1, head: '@@ -1,2 +1,2 @@', first: '-old' }, { number: 2, head: '@@ -20 +20 @@', first: '+more' }]],
      ['b.txt', [{ number: 1, head: '@@ -1 +1 @@', first: '-x' }]],
      ['kind', []],
    ])
  })

  it('names whole repos, files and hunks, each where it can', () => {
    expect(choiceOf(repos, none)).toEqual([{ repo: 'api' }, { repo: 'web' }])
    const choice = choiceOf(repos, turnHunk(turnFile(none, link ?? expect.fail()), text ?? expect.fail(), 1))
    expect(choice).toEqual([{ repo: 'api', path: 'a b.txt', hunks: [2] }, { repo: 'api', path: 'b.txt' }, { repo: 'web' }])
    expect(flagsOf(choice)).toBe("--hunk 'api:a b.txt#2' --only api:b.txt --only web")
  })

  it('comes back to where it was, hunk by hunk and file by file', () => {
    const file = text ?? expect.fail()
    const first = turnHunk(none, file, 1)
    expect(turnHunk(first, file, 2)).toEqual(turnFile(none, file))
    expect(turnHunk(turnHunk(first, file, 2), file, 2)).toEqual(first)
    expect(turnHunk(first, file, 1)).toEqual(none)
    expect(turnFile(first, file)).toEqual(none)
    expect(turnFile(turnFile(none, other ?? expect.fail()), other ?? expect.fail())).toEqual(none)
  })
})
