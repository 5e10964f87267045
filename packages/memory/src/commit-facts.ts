import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseOid, type Oid } from '@signalbox/core'
import { blobIdsOf, withLineFeeds } from './blob-id.ts'
import type { QueuedFile } from './commit-queue.ts'
import { errnoOf } from './disk-error.ts'
import type { MemoryGit } from './memory-git.ts'
import { hashOf } from './record-file.ts'

/** Where git keeps things for one working tree. */
export interface GitPlaces {
  readonly gitDir: string
  readonly index: string
  /** Folder of the objects. */
  readonly objects: string
  /** `sha1` or `sha256`. */
  readonly objectFormat: string
}

/** One file in a tree or in the index. */
export interface GitEntry {
  readonly mode: string
  readonly oid: string
}

/** What git and the disk say about the files of an operation, looked at once. */
export interface CommitFacts {
  /** Full name of the checked-out branch; undefined when HEAD is detached. */
  readonly branch: string | undefined
  /** Undefined on a branch without a commit. */
  readonly head: Oid | undefined
  /** What is going on in the working tree, such as `merge`; undefined when nothing is. */
  readonly underWay: string | undefined
  readonly committed: ReadonlyMap<string, GitEntry>
  /** A path with several stages is there with an entry that equals none. */
  readonly staged: ReadonlyMap<string, GitEntry>
  /** Bytes on disk now; undefined where there is no file. */
  readonly onDisk: ReadonlyMap<string, Uint8Array | undefined>
}

/** A file and its writes by operations that are committed together, the oldest first. The last may not have come about. */
export interface WrittenFile {
  readonly path: string
  readonly writes: readonly Pick<QueuedFile, 'before' | 'after'>[]
}

/** What can be done about one queued file. */
export type FileVerdict = { readonly kind: 'commit'; readonly path: string; readonly mode: string; readonly bytes: Uint8Array } | { readonly kind: 'settled' } | { readonly kind: 'stuck'; readonly because: string }

/** Asks git where its directory and its index are. */
export async function readPlaces(git: MemoryGit, dir: string): Promise<GitPlaces> {
  const { stdout } = await git.run(['rev-parse', '--absolute-git-dir', '--show-object-format', '--git-path', 'index', '--git-path', 'objects'])
  const [gitDir = '', objectFormat = '', index = '', objects = ''] = stdout.split('\n')
  return { gitDir, objectFormat, index: resolve(dir, index), objects: resolve(dir, objects) }
}

/** Where HEAD is: the full name of the checked-out branch and its commit; each undefined where there is none. */
export async function readHead(git: MemoryGit): Promise<Pick<CommitFacts, 'head' | 'branch'>> {
  // Exit 128 is a HEAD without a commit, or a repository that cannot be read, which the second command then says.
  const both = await git.run(['rev-parse', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD'], { exits: [0, 128] })
  const [oid = '', name = ''] = both.stdout.split('\n')
  if (both.code === 0) return { head: parseOid(oid), branch: name === 'HEAD' ? undefined : name }
  return { head: undefined, branch: (await git.run(['symbolic-ref', 'HEAD'])).stdout.trim() }
}

/** Reads where HEAD is from git's own files, where it is as it mostly is: on a branch that has a file of its own. */
function readPlainHead({ gitDir, objects }: GitPlaces): Pick<CommitFacts, 'head' | 'branch'> | undefined {
  const [, branch] = /^ref: (refs\/heads\/.+)\n$/.exec(readText(join(gitDir, 'HEAD'))) ?? []
  const head = branch === undefined ? undefined : parseOid(readText(join(dirname(objects), branch)).trim())
  return head === undefined ? undefined : { head, branch }
}

async function readHeadTree(git: MemoryGit, places: GitPlaces, paths: readonly string[]): Promise<Pick<CommitFacts, 'head' | 'branch'> & { readonly tree: string }> {
  const place = readPlainHead(places) ?? (await readHead(git))
  return { ...place, tree: place.head === undefined ? '' : (await git.run(['ls-tree', '-z', place.head, '--', ...paths])).stdout }
}

/** Looks at the branch, at what is under way, and at each of `paths` in HEAD, in the index and on disk. */
export async function readCommitFacts(git: MemoryGit, dir: string, places: GitPlaces, paths: readonly string[]): Promise<CommitFacts> {
  const [{ head, branch, tree }, index] = await Promise.all([readHeadTree(git, places, paths), git.run(['ls-files', '-s', '-z', '--', ...paths])])
  return {
    branch,
    head,
    underWay: findUnderWay(places.gitDir),
    committed: parseEntries(tree, /^(\d+) \w+ ([0-9a-f]+)\t([^]+)$/),
    staged: parseEntries(index.stdout, /^(\d+) ([0-9a-f]+) 0\t([^]+)$/, /^\d+ [0-9a-f]+ [1-3]\t([^]+)$/),
    onDisk: new Map(paths.map((path) => [path, readBytes(join(dir, path))])),
  }
}

/** Returns why nothing may be committed at all; undefined when commits may be made. */
export function findObstacle(facts: CommitFacts, branch: string): string | undefined {
  if (facts.underWay !== undefined) return `a ${facts.underWay} is under way in the memory repo`
  if (facts.branch === `refs/heads/${branch}`) return undefined
  return facts.branch === undefined ? `no branch is checked out; memory commits go to ${branch}` : `${facts.branch.replace('refs/heads/', '')} is checked out; memory commits go to ${branch}`
}

/** Decides about one file: our write is committed only on top of exactly what it was made on, and nothing of the human's with it. */
export function judgeFile(facts: CommitFacts, file: WrittenFile): FileVerdict {
  const { path } = file
  const head = facts.committed.get(path)
  const bytes = facts.onDisk.get(path)
  const last = bytes === undefined ? -1 : findWrite(file, hashOf(bytes))
  if (bytes === undefined || last === -1) return judgeForeign(file, head, bytes)
  if (head !== undefined && idsOf(bytes).includes(head.oid)) return { kind: 'settled' }
  const staged = facts.staged.get(path)
  if (staged?.oid !== head?.oid || staged?.mode !== head?.mode) return { kind: 'stuck', because: `${path} has staged changes that are not ours` }
  const madeOn = file.writes.slice(0, last + 1).map(({ before }) => before)
  if (head === undefined) return madeOn.includes(null) ? { kind: 'commit', path, mode: '100644', bytes } : { kind: 'stuck', because: `${path} is not in git; add and commit it once by hand` }
  if (!head.mode.startsWith('100')) return { kind: 'stuck', because: `${path} is not a plain file in HEAD` }
  // A killed one may have been committed since it was queued: then HEAD holds what the next was made on.
  const before = madeOn.find((ids) => ids?.includes(head.oid))
  if (before === undefined || before === null) return { kind: 'stuck', because: `${path} held changes that were not committed before it was written` }
  return { kind: 'commit', path, mode: head.mode, bytes: sharesLineFeeds(before, head.oid) ? withLineFeeds(bytes) : bytes }
}

/** Returns which write left what is there now; -1 when none did. */
function findWrite({ writes }: WrittenFile, hash: string): number {
  return writes.findLastIndex(({ after }) => after === hash)
}

/** The file is not as we left it: it was committed, put back, never written, or edited on top. */
function judgeForeign(file: WrittenFile, head: GitEntry | undefined, bytes: Uint8Array | undefined): FileVerdict {
  if (bytes === undefined) return head === undefined ? { kind: 'settled' } : { kind: 'stuck', because: `${file.path} was deleted since it was written` }
  const ids = idsOf(bytes)
  if (head !== undefined && ids.includes(head.oid)) return { kind: 'settled' }
  if (file.writes[0]?.before?.some((id) => ids.includes(id)) === true) return { kind: 'settled' }
  return { kind: 'stuck', because: `${file.path} was edited by hand since it was written` }
}

function idsOf(bytes: Uint8Array): readonly string[] {
  return [...blobIdsOf(bytes), ...blobIdsOf(withLineFeeds(bytes))]
}

/** `before` lists the ids of the bytes as they were first, then, if other, those with line feeds: what git stores where it converts. */
function sharesLineFeeds(before: readonly string[], oid: string): boolean {
  return before.length > 2 && before.indexOf(oid) >= 2
}

function parseEntries(output: string, pattern: RegExp, unmerged?: RegExp): ReadonlyMap<string, GitEntry> {
  const entries = new Map<string, GitEntry>()
  for (const record of output.split('\0')) {
    const [, mode, oid, path] = pattern.exec(record) ?? []
    const conflicting = unmerged?.exec(record)?.[1]
    if (mode !== undefined && oid !== undefined && path !== undefined) entries.set(path, { mode, oid })
    else if (conflicting !== undefined) entries.set(conflicting, { mode: '', oid: '' })
  }
  return entries
}

const marks = { MERGE_HEAD: 'merge', CHERRY_PICK_HEAD: 'cherry-pick', REVERT_HEAD: 'revert', 'rebase-merge': 'rebase', 'rebase-apply': 'rebase', BISECT_LOG: 'bisect' }

function findUnderWay(gitDir: string): string | undefined {
  return Object.entries(marks).find(([name]) => existsSync(join(gitDir, name)))?.[1]
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // Git is asked instead, and says what is wrong.
  }
}

function readBytes(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
