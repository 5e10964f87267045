import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { messageOf, type SourceFingerprint, type SourceState } from '@signalbox/core'
import { listConfigKeys } from './config-keys.ts'
import { contentIdOf, fileIdOf, readingRoom, readText } from './content-id.ts'
import { elsewhereOf, hasLookedElsewhere, readElsewhere } from './elsewhere.ts'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir, readPlain } from './git-dir.ts'
import { parseIndex } from './index-file.ts'
import { gitDirBounds, listModules, walk } from './git-dir-files.ts'
import { linkedRun } from './layout.ts'
import { listWorktreeDirs, readWorktreePath } from './operation.ts'
import { diskPath } from './raw-diff.ts'
import { recordPath } from './recorded-path.ts'
import { gitInSource, reach, type GitHere, type SourceRef } from './source-ref.ts'
import { toState } from './source.ts'
import { readStatus, type Status } from './status.ts'
import { findTrap } from './traps.ts'

/** Paths of a checkout that are named one by one; those beyond stand together under one name. */
const MAX_PATHS = 10_000

/** A source as it was when a run was asked for. */
export interface ObservedSource {
  readonly state: SourceState
  readonly fingerprint: SourceFingerprint
}

type Entries = readonly (readonly [name: string, id: string])[]

/**
 * Looks at everything of a source that is its human's: the state of the registered checkout, and a fingerprint of
 * all that could be changed. Two git processes at the same time, whatever the size; bytes are read of changed files only.
 * @throws ControlError `repo.unreachable`
 */
export function observeSource(git: Git, source: SourceRef): Promise<ObservedSource> {
  return reach(source, async () => {
    const place = placeOf(source)
    const [refs, status] = await Promise.all([readRefs(gitInSource(git, source.path)), readStatus(git, source.path)])
    return { state: toState(source, status), fingerprint: { ...withElsewhere(readGitFiles(place), readElsewhere(place, status)), ...readRefParts(place, refs), ...readStatusParts(place, status, []) } }
  })
}

/** A source looked at again: a part that git could not tell is as it was before, and `unread` says why. */
export interface ObservedAgain {
  readonly fingerprint: SourceFingerprint
  readonly unread: string | null
}

/**
 * Looks at a source again that somebody may have altered, to compare it. Settings and hooks are read first, as plain
 * files; whatever they say, none of them runs here.
 * @throws ControlError `repo.unreachable` when nothing at all can be read
 */
export function observeAgain(git: Git, source: SourceRef, before: SourceFingerprint): Promise<ObservedAgain> {
  return reach(source, async () => {
    const place = placeOf(source)
    const files = readGitFiles(place)
    const trap = findTrap(place)
    if (trap !== undefined) return { fingerprint: { ...before, ...withElsewhere(files, elsewhereOf(before)) }, unread: trap }
    const [refs, status] = await Promise.allSettled([readRefs(gitInSource(git, source.path)), readStatus(git, source.path)])
    const failed = [refs, status].flatMap((answer) => (answer.status === 'rejected' ? [messageOf(answer.reason)] : []))
    const parts = { ...(refs.status === 'fulfilled' ? readRefParts(place, refs.value) : {}), ...(status.status === 'fulfilled' ? readStatusParts(place, status.value, before.file) : {}) }
    const elsewhere = status.status === 'fulfilled' && hasLookedElsewhere(before) ? readElsewhere(place, status.value) : elsewhereOf(before)
    return { fingerprint: { ...before, ...withElsewhere(files, elsewhere), ...parts }, unread: failed.length === 0 ? null : failed.join('; ') }
  })
}

/** Where the parts of a source lie. */
interface Place {
  readonly checkout: string
  readonly gitDir: string
  readonly commonDir: string
  /** Git directories of all worktrees that are not those of runs. */
  readonly worktrees: readonly string[]
}

function placeOf({ path }: SourceRef): Place {
  const gitDir = readGitDir(path)
  const commonDir = readCommonDir(gitDir)
  const all = listWorktreeDirs(commonDir)
  const isOurs = (dir: string): boolean => dir !== commonDir && linkedRun(basename(dir)) !== undefined
  return { checkout: path, gitDir, commonDir, worktrees: all.filter((dir) => !isOurs(dir)) }
}

function withElsewhere<Parts extends Pick<SourceFingerprint, 'config' | 'hook'>>(files: Parts, { config, hook }: Pick<SourceFingerprint, 'config' | 'hook'>): Parts {
  return { ...files, config: [...files.config, ...config], hook: [...files.hook, ...hook] }
}

/** The parts that are plain files; no git is started for them. */
function readGitFiles({ commonDir, worktrees }: Place): Pick<SourceFingerprint, 'head' | 'config' | 'hook' | 'info'> {
  const linked = worktrees.filter((dir) => dir !== commonDir).map((dir) => `worktrees/${basename(dir)}/config.worktree`)
  const { gitDirs, more } = listModules(commonDir)
  const inEach = (names: readonly string[]): readonly string[] => ['', ...gitDirs.map((dir) => `${dir}/`)].flatMap((dir) => names.map((name) => `${dir}${name}`))
  const filesOf = (folder: string): Entries => inEach([folder]).flatMap((each) => listFolder(commonDir, each))
  return {
    head: worktrees.map((dir) => [readWorktreePath(commonDir, dir), readText(join(dir, 'HEAD'))?.trim() ?? 'missing']),
    config: [...inEach(['config', 'config.worktree']), ...linked].flatMap((file) => listConfigKeys(readText(join(commonDir, file)) ?? '').map(([key, id]) => [`${file}: ${key}`, id] as const)),
    hook: [...filesOf('hooks'), ...more],
    // `info/refs` is made anew by git whenever it packs.
    info: [...filesOf('info').filter(([name]) => !name.endsWith('info/refs')), ...idsOf(commonDir, inEach(['objects/info/alternates', 'shallow']))],
  }
}

/** Lists the files of one folder of a git directory and of those in it. */
function listFolder(commonDir: string, folder: string): Entries {
  const { files, more } = walk(commonDir, folder, gitDirBounds)
  return [...idsOf(commonDir, files), ...more]
}

function readRefParts({ commonDir }: Place, refs: Entries): Pick<SourceFingerprint, 'ref' | 'stash'> {
  return { ref: refs.filter(([name]) => name !== 'refs/stash'), stash: readStashes(commonDir, refs) }
}

function readStatusParts({ checkout, gitDir }: Place, status: Status, earlier: Entries): Pick<SourceFingerprint, 'index' | 'file'> {
  return { index: [...status.index.map(([path, id]) => [recordPath(path), id] as const), ...readHidden(gitDir, status)], file: readFiles(checkout, status, earlier) }
}

/** Entries that git was told not to look at: edits of theirs are in no status. */
function readHidden(gitDir: string, { head }: Status): Entries {
  const bytes = readPlain(join(gitDir, 'index'), { follow: true })
  if (bytes === undefined) return []
  return parseIndex(bytes, head?.length === 64 ? 32 : 20).hidden.map((name) => [`${recordPath(name)} (hidden)`, 'hidden'])
}

/** Refs with the object they name; a symbolic one with the ref it stands for. Nothing of the settings plays a part. */
async function readRefs(here: GitHere): Promise<Entries> {
  const { text } = await here(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(symref)'])
  return text.split('\n').flatMap((line) => {
    const [name = '', oid = '', symref = ''] = line.split('\0')
    return name === '' || isOfLandings(name) ? [] : [[name, symref === '' ? oid : `ref: ${symref}`] as const]
  })
}

/** Commits that landings of ours prepared come and go with them. */
function isOfLandings(ref: string): boolean {
  return /^refs\/signalbox\/pins\/[^/]+\/landing-/.test(ref)
}

/** Each stashed commit by its id: positions shift, ids do not. They are in the log of the ref, only the last one in the ref. */
function readStashes(commonDir: string, refs: Entries): Entries {
  const log = readText(join(commonDir, 'logs', 'refs', 'stash')) ?? ''
  const logged = log.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')[1] ?? '']))
  const last = refs.flatMap(([name, oid]) => (name === 'refs/stash' ? [oid] : []))
  return [...new Set([...logged, ...last])].map((oid) => [oid, oid])
}

/** Files of a git directory by their names below it, each with an id of its bytes. */
function idsOf(commonDir: string, names: readonly string[]): Entries {
  const room = readingRoom()
  return names.flatMap((name) => {
    const id = contentIdOf(join(commonDir, name), { hash: 'sha1', room })
    return id === undefined ? [] : [[name, id] as const]
  })
}

/** Files that differ from the index or are not in it, with an id of what lies there now. */
function readFiles(root: string, { head, unstaged, untracked }: Status, earlier: Entries): Entries {
  const paths = [...new Set([...unstaged, ...untracked])]
  const room = readingRoom()
  const hash = head?.length === 64 ? 'sha256' : 'sha1'
  const ids = new Map(earlier)
  const named = paths.slice(0, MAX_PATHS).map((path) => {
    const name = recordPath(path)
    return [name, fileIdOf(diskPath(root, path), { hash, room, like: ids.get(name) }) ?? 'missing'] as const
  })
  const more = paths.slice(MAX_PATHS).map(recordPath)
  return more.length === 0 ? named : [...named, ['(more paths)', createHash('sha256').update(more.join('\0')).digest('hex')]]
}
