import type { RepoName, RunDiff } from '@signalbox/core'
import type { PatchFile } from './patch-file.ts'
import { indexPatch, type PatchIndex } from './patch-index.ts'
import { splitRows, type SplitRows } from './split-rows.ts'

/** One file of a review: where it lies in the patch of its repo. */
export interface ReviewFile extends PatchFile {
  /** Its place among all files of the review. */
  readonly number: number
  readonly repo: ReviewRepo
  /** Its place among the files of its repo. */
  readonly place: number
  /** Names what changed in content, whatever the run: two files with equal keys show the same. */
  readonly key: string
  /** Whether another entry for the same path stands beside it: git writes a change from file to link as two. */
  readonly typeChanged: boolean
}

/** One repo of a review. */
export interface ReviewRepo {
  readonly name: RepoName
  readonly index: PatchIndex
  /** Rows of the split view, made when first asked for. */
  readonly split: () => SplitRows
  readonly files: readonly ReviewFile[]
}

/** Returns the repos of a diff with their files, numbered through. */
export function reviewRepos({ repos }: RunDiff): readonly ReviewRepo[] {
  let number = 0
  return repos.map(({ repo: name, patch }) => {
    const index = indexPatch(patch)
    let rows: SplitRows | undefined
    const files: ReviewFile[] = []
    const repo: ReviewRepo = { name, index, split: () => (rows ??= splitRows(index)), files }
    index.files.forEach((file, place) => {
      const typeChanged = [index.files[place - 1], index.files[place + 1]].some((beside) => beside?.path === file.path)
      files.push({ ...file, number: number++, repo, place, key: keyOf(name, file), typeChanged })
    })
    return repo
  })
}

function keyOf(repo: RepoName, { path, oldPath = '', oldId = '', newId = '', oldMode = '', newMode = '' }: PatchFile): string {
  return [repo, oldPath, path, oldMode, oldId, newMode, newId].join('\0')
}

/** Returns what happened to a file, in words; its first word is the kind of change. */
export function changeWords({ change, typeChanged, oldMode, newMode, binary, oldPath }: ReviewFile): readonly string[] {
  const mode = newMode ?? oldMode
  return [
    typeChanged ? 'type changed' : change,
    ...(oldPath === undefined ? [] : [`from ${oldPath}`]),
    ...(oldMode !== undefined && newMode !== undefined && oldMode !== newMode ? [`mode ${oldMode} → ${newMode}`] : []),
    ...(mode === '120000' ? ['symlink'] : mode === '160000' ? ['submodule'] : change === 'added' && mode === '100755' ? ['executable'] : []),
    ...(binary ? ['binary'] : []),
  ]
}

/** Returns the kind of change as one letter, as git writes it. */
export function changeLetter({ change, typeChanged }: ReviewFile): string {
  return typeChanged ? 'T' : { added: 'A', deleted: 'D', renamed: 'R', copied: 'C', modified: 'M' }[change]
}
