import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readLed, type Around } from './elsewhere.ts'
import { listWorktreeDirs } from './operation.ts'

/** Files of a git directory that git opens at every look. */
const opened = ['HEAD', 'commondir', 'gitdir', 'config', 'config.worktree', 'index', 'packed-refs', 'info/attributes', 'info/exclude', 'info/grafts']

/** Says, as a sentence, what lies where git reads a file and is none, such as a pipe nobody writes to; undefined when nothing does. */
export function findTrap({ checkout, gitDir, commonDir }: Around): string | undefined {
  const dirs = [...new Set([gitDir, ...listWorktreeDirs(commonDir)])]
  const paths = dirs.flatMap((dir) => opened.map((name) => join(dir, name)))
  const trap = [...paths, ...readLed(checkout, dirs).settings].find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === false)
  return trap === undefined ? undefined : `${trap} is no plain file, and git would wait for it`
}
