import type { ReviewFile, ReviewRepo } from './review-files.ts'

/** One line of the list of files: a repo, a folder, or a file. */
export interface ListLine {
  /** Undefined for headings. */
  readonly file: ReviewFile | undefined
  readonly repo: boolean
  readonly text: string
}

/** Returns the lines of the list: each repo, and before the first file of each folder its folder. Unchanged repos are listed, too. */
export function listLines(repos: readonly ReviewRepo[]): readonly ListLine[] {
  return repos.flatMap(({ name, files }) => [
    { file: undefined, repo: true, text: files.length === 0 ? `${name}: unchanged` : name },
    ...files.flatMap((file, at) => {
      const folder = folderOf(file)
      const line = { file, repo: false, text: file.path }
      return folder === '' || (at > 0 && folderOf(files[at - 1]) === folder) ? [line] : [{ file: undefined, repo: false, text: folder }, line]
    }),
  ])
}

function folderOf(file: ReviewFile | undefined): string {
  return file === undefined ? '' : file.path.slice(0, file.path.lastIndexOf('/') + 1)
}
