import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { ControlError } from '@signalbox/core'

/**
 * Returns the absolute git directory of a checkout, read from its `.git` as gitrepository-layout(5) describes it.
 * No process is started: every look at a target needs this.
 * @throws ControlError `git.command_failed` when there is none
 */
export function readGitDir(checkout: string): string {
  const path = join(checkout, '.git')
  const kind = statSync(path, { throwIfNoEntry: false })
  // One that a link leads to goes by one name, its own: linked worktrees and other processes call it so.
  if (kind?.isDirectory() === true) return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path
  const [, target] = kind?.isFile() === true ? (/^gitdir: (.+?)\s*$/s.exec(readIfThere(path) ?? '') ?? []) : []
  if (target === undefined) {
    throw new ControlError('git.command_failed', `${checkout} has no .git any more`, { hint: 'Run `signalbox doctor` to check the repository', data: { path } })
  }
  return resolve(checkout, target)
}

/** Returns the git directory that holds refs and objects: that of the main worktree when `gitDir` is a linked one's. */
export function readCommonDir(gitDir: string): string {
  const text = readIfThere(join(gitDir, 'commondir'))
  return text === undefined ? gitDir : resolve(gitDir, text.trim())
}

/** Returns which repository a checkout is of, by the one path of its common git directory; undefined when no checkout is there now, or the repository of a linked worktree is gone. */
export function repositoryOf(checkout: string): string | undefined {
  const gitDir = existsSync(join(checkout, '.git')) ? readGitDir(checkout) : undefined
  return gitDir === undefined || !existsSync(gitDir) ? undefined : realpathSync(readCommonDir(gitDir))
}

/** Says whether the refs of a repository are plain files, as they are unless its own settings name another way (`extensions.refStorage`). */
export function keepsRefsInFiles(commonDir: string): boolean {
  return !/refstorage/i.test(readIfThere(join(commonDir, 'config')) ?? 'refstorage')
}

/** Reads the small file a path leads to; `undefined` when there is none. Other failures throw, as does what is no plain file. */
export function readIfThere(path: string, encoding: 'utf8' | 'latin1' = 'utf8'): string | undefined {
  return readPlain(path, { follow: true })?.toString(encoding)
}

/** Bytes of a file that is read whole; an index of a million files is below it. */
const MAX_BYTES = 256 * 1024 * 1024

export interface PlainRead {
  /** Follow links, where the place is the human's; what an agent may have laid somewhere is read as it lies. */
  readonly follow?: boolean
  readonly maxBytes?: number
}

/**
 * Reads a plain file whole; undefined when there is none. Whatever else lies there throws and is never waited for:
 * a pipe nobody writes to would hold its reader for ever.
 */
export function readPlain(path: string | Buffer, { follow = false, maxBytes = MAX_BYTES }: PlainRead = {}): Buffer | undefined {
  const file = openIfThere(path, follow)
  if (file === undefined) return undefined
  try {
    const kind = fstatSync(file)
    if (!kind.isFile() || kind.size > maxBytes) throw new TypeError(`${path.toString()} is no plain file of a sane size`)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

function openIfThere(path: string | Buffer, follow: boolean): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Tells whether an error of the file system says that there is no such path. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/**
 * Returns the object folders a repository reads from: its own and those it borrows, relative ones made absolute,
 * because git follows relative ones only one step deep.
 */
export function readObjectStores(commonDir: string): readonly string[] {
  const stores: string[] = []
  const follow = (objects: string): void => {
    if (stores.includes(objects)) return
    stores.push(objects)
    for (const line of (readIfThere(join(objects, 'info', 'alternates')) ?? '').split('\n')) {
      // A quoted line is absolute or it would need no quoting here; git itself reads it through the first store.
      if (line !== '' && !line.startsWith('#') && !line.startsWith('"')) follow(isAbsolute(line) ? line : resolve(objects, line))
    }
  }
  follow(join(commonDir, 'objects'))
  return stores
}

/** Writes one absolute folder as a line of `objects/info/alternates`. Quoted only where it must be: what Git LFS reads objects with knows no quotes. */
export function alternatesLine(folder: string): string {
  return `${/[\n\t]/.test(folder) ? quoteFolder(folder) : folder}\n`
}

/** Quotes a folder as git's lists of object folders have it, so that no byte of it is special: in the one of the environment a colon ends a name. */
export function quoteFolder(folder: string): string {
  return `"${folder.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
}
