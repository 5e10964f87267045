import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { SourceFingerprint } from '@signalbox/core'
import { listConfigKeys, listConfigValues } from './config-keys.ts'
import { contentIdOf, readingRoom, readText } from './content-id.ts'
import { readPlain } from './git-dir.ts'
import { walk } from './git-dir-files.ts'
import { parseIndex } from './index-file.ts'
import { showPath } from './raw-diff.ts'
import type { Status } from './status.ts'

/** Settings files that are followed: humans include a few. */
const MAX_FILES = 50

/** A folder of hooks is small. One that a setting leads to may be any, and must not be walked whole. */
const bounds = { names: 1_000, depth: 2 }

type Entries = readonly (readonly [name: string, id: string])[]

/** The parts of a fingerprint that may lie beside the git directory. */
type Elsewhere = Pick<SourceFingerprint, 'config' | 'hook'>

/** Says in a fingerprint that it has these: one of an older version has not, and is compared without. */
export const LOOKED_ELSEWHERE = ['(where settings lead)', 'looked at'] as const

export function hasLookedElsewhere({ hook }: Pick<SourceFingerprint, 'hook'>): boolean {
  return hook.some(([name]) => name === LOOKED_ELSEWHERE[0])
}

/** Returns what of a fingerprint lies elsewhere: `./.husky/pre-commit` in the checkout, or by its whole path. */
export function elsewhereOf({ config, hook }: SourceFingerprint): Elsewhere {
  const isElsewhere = ([name]: readonly [string, string]): boolean => name.startsWith('./') || isAbsolute(name) || name === LOOKED_ELSEWHERE[0]
  return { config: config.filter(isElsewhere), hook: hook.filter(isElsewhere) }
}

/** Where the settings of a repository itself lead. Whose user's settings lead where is not asked. */
interface Led {
  /** Files that are included, whatever it depends on, and those they include. */
  readonly settings: readonly string[]
  readonly hookFolders: readonly string[]
}

/** Reads where the settings in these git directories of worktrees lead, as plain files. */
export function readLed(checkout: string, gitDirs: readonly string[]): Led {
  const files = gitDirs.flatMap((dir) => ['config', 'config.worktree'].map((name) => join(dir, name)))
  const [seen, hookFolders] = [new Set<string>(), new Set<string>()]
  const visit = (file: string): void => {
    if (seen.has(file) || seen.size >= MAX_FILES) return
    seen.add(file)
    for (const [key, value] of listConfigValues(readText(file) ?? '')) {
      if (/^include(?:if\..*)?\.path$/s.test(key)) visit(pathOf(dirname(file), value))
      if (key === 'core.hookspath' && value !== '') hookFolders.add(pathOf(checkout, value))
    }
  }
  files.forEach(visit)
  return { settings: [...seen].filter((file) => !files.includes(file)), hookFolders: [...hookFolders] }
}

function pathOf(folder: string, value: string): string {
  return value.startsWith('~/') ? join(homedir(), value.slice(2)) : resolve(folder, value)
}

/** Where a checkout and its git directories lie. */
export interface Around {
  readonly checkout: string
  readonly gitDir: string
  readonly commonDir: string
}

/** Looks at what the settings of a checkout lead to. What the checkout has as it is committed is left out: it comes and goes with commits. */
export function readElsewhere(place: Around, status: Status): Elsewhere {
  const { settings, hookFolders } = readLed(place.checkout, [...new Set([place.commonDir, place.gitDir])])
  const nameOf = (path: string): string => (isWithin(place.checkout, path) ? `./${relative(place.checkout, path)}` : path)
  const isTracked = settings.length + hookFolders.length === 0 ? () => false : trackedIn(place, status)
  const beside = (path: string): boolean => !isTracked(path)
  return {
    config: settings.filter(beside).flatMap((file) => listConfigKeys(readText(file) ?? '').map(([key, id]) => [`${nameOf(file)}: ${key}`, id] as const)),
    hook: [LOOKED_ELSEWHERE, ...hookFolders.filter((folder) => isApart(place, folder)).flatMap((folder) => listHooks(folder, nameOf, beside))],
  }
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way === '..' || way.startsWith('../') || isAbsolute(way))
}

/** A folder that has the git directory in it holds no hooks alone, and the one that git has for them is looked at anyway. */
function isApart({ gitDir, commonDir }: Around, folder: string): boolean {
  return folder !== join(commonDir, 'hooks') && !isWithin(folder, gitDir) && !isWithin(folder, commonDir)
}

/** Tells of paths whether they are files of the checkout that lie there as the index has them. */
function trackedIn({ checkout, gitDir }: Around, { head, unstaged }: Status): (path: string) => boolean {
  const bytes = readPlain(join(gitDir, 'index'), { follow: true })
  const tracked = new Set(bytes === undefined ? [] : parseIndex(bytes, head?.length === 64 ? 32 : 20).files.map(showPath))
  const changed = new Set(unstaged.map(showPath))
  return (path) => {
    const name = relative(checkout, path)
    return tracked.has(name) && !changed.has(name)
  }
}

function listHooks(folder: string, nameOf: (path: string) => string, isMeant: (path: string) => boolean): Entries {
  const [above, room] = [dirname(folder), readingRoom()]
  const { files, more } = walk(above, basename(folder), bounds)
  const found = files.map((name) => join(above, name)).filter(isMeant)
  return [...found.map((path) => [nameOf(path), contentIdOf(path, { hash: 'sha1', room }) ?? 'missing'] as const), ...more.map(([name, id]) => [nameOf(join(above, name)), id] as const)]
}
