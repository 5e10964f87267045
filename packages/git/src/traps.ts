import { statSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { readLed, type Around } from './elsewhere.ts'
import { listWorktreeDirs } from './operation.ts'

/** Files of a git directory that git opens at every look. */
const opened = ['HEAD', 'commondir', 'gitdir', 'config', 'config.worktree', 'index', 'packed-refs', 'info/attributes', 'info/exclude', 'info/grafts']

/** Says, as a sentence, what lies where git reads a file and is none, such as a pipe nobody writes to; undefined when nothing does. */
export function findTrap({ checkout, gitDir, commonDir }: Around): string | undefined {
  const dirs = [...new Set([gitDir, ...listWorktreeDirs(commonDir)])]
  const paths = dirs.flatMap((dir) => opened.map((name) => join(dir, name)))
  const trap = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === false) ?? readLed(checkout, dirs).settings.find(isEndless)
  return trap === undefined ? undefined : `${trap} is no plain file, and git would wait for it`
}

/** What a human includes may be the null device, to include nothing, or a folder, which git says by itself where it comes to it. */
function isEndless(path: string): boolean {
  const kind = statSync(path, { throwIfNoEntry: false })
  return kind !== undefined && !kind.isFile() && !kind.isDirectory() && path !== devNull
}
