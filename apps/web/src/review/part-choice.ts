import type { PartChoice } from '@signalbox/core'
import { textOf } from './patch-index.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile, ReviewRepo } from './review-files.ts'
import { quote } from '../words/shell-quote.ts'

/** A repo of which files can be chosen. */
export interface PartRepo {
  readonly name: ReviewRepo['name']
  readonly files: readonly PartFile[]
}

/** A file that can be chosen, and its hunks; none where it only goes as a whole. */
export interface PartFile {
  readonly file: ReviewFile
  readonly hunks: readonly PartHunk[]
}

export interface PartHunk {
  /** From 1 in its file, as `seal --hunk` takes it. */
  readonly number: number
  readonly head: string
  /** The first line that changes, with its sign. */
  readonly first: string
}

/** The hunks that are left out of each file, by its number in the review: none of them for one that is left out whole. */
export type LeftOut = ReadonlyMap<number, ReadonlySet<number> | 'whole'>

/** Returns the files of repos as they can be chosen. A change of type stands as two in the patch, and is one. */
export function partRepos(repos: readonly ReviewRepo[]): readonly PartRepo[] {
  return repos.map(({ name, files, index }) => ({
    name,
    files: files.filter((file) => !file.typeChanged || files[file.place - 1]?.path !== file.path).map((file) => ({ file, hunks: file.typeChanged ? [] : hunksOf(index, file) })),
  }))
}

function hunksOf(index: ReviewRepo['index'], file: ReviewFile): readonly PartHunk[] {
  const lines = index.hunks.lines.filter((line) => line >= file.body && line < file.end)
  return Array.from(lines, (line, at) => {
    let first = line + 1
    while (first < file.end && index.kinds[first] !== kind.added && index.kinds[first] !== kind.removed) first++
    const sign = index.kinds[first] === kind.added ? '+' : '-'
    return { number: at + 1, head: /^@@ \S+ \S+ @@/.exec(textOf(index, line))?.[0] ?? '', first: first < file.end ? sign + textOf(index, first) : '' }
  })
}

/** Returns what is chosen where these are left out, in the fewest words. */
export function choiceOf(repos: readonly PartRepo[], leftOut: LeftOut): PartChoice[] {
  return repos.flatMap(({ name: repo, files }) => {
    if (files.length > 0 && files.every(({ file }) => !leftOut.has(file.number))) return [{ repo }]
    return files.flatMap(({ file, hunks }): readonly PartChoice[] => {
      const left = leftOut.get(file.number)
      if (left === 'whole') return []
      return [{ repo, path: file.path, ...(left === undefined ? {} : { hunks: hunks.map(({ number }) => number).filter((number) => !left.has(number)) }) }]
    })
  })
}

/** Returns the flags that say the same on the command line. */
export function flagsOf(choice: readonly PartChoice[]): string {
  return choice.map(({ repo, path, hunks }) => (path === undefined ? `--only ${repo}` : hunks === undefined ? `--only ${quote(`${repo}:${path}`)}` : `--hunk ${quote(`${repo}:${path}#${hunks.join(',')}`)}`)).join(' ')
}

/** Leaves a whole file out, or takes all of it in again. */
export function turnFile(leftOut: LeftOut, { file }: PartFile): LeftOut {
  const next = new Map(leftOut)
  if (!next.delete(file.number)) next.set(file.number, 'whole')
  return next
}

/** Leaves one hunk out, or takes it in again. A file of which no hunk is left in is out as a whole. */
export function turnHunk(leftOut: LeftOut, { file, hunks }: PartFile, number: number): LeftOut {
  const left = leftOut.get(file.number)
  const out = new Set(left === 'whole' ? hunks.map((hunk) => hunk.number) : left)
  if (!out.delete(number)) out.add(number)
  const next = new Map(leftOut)
  if (out.size === 0) next.delete(file.number)
  else next.set(file.number, out.size === hunks.length ? 'whole' : out)
  return next
}
