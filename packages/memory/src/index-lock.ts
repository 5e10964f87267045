import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { parseOid, type Oid } from '@signalbox/core'
import type { GitPlaces } from './commit-facts.ts'
import { errnoOf } from './disk-error.ts'
import { createFileExclusively, sweepTemporaryFiles, writeFileAtomically } from './file-write.ts'
import type { MemoryGit } from './memory-git.ts'
import { hashOf } from './record-file.ts'
import { makePrivateFolder, readJson } from './state-folder.ts'

/** What is on disk while we hold the lock of the human's index, so that the next process can finish or undo it. */
interface IndexIntent {
  /** Content of the lock file, which tells ours from anybody else's. */
  readonly token: string
  readonly lock: string
  readonly index: string
  /** The new index, beside the old one. */
  readonly prepared: string
  /** What makes the prepared index the right one, and the hash of the index it was made from; null until it is prepared. */
  readonly move: BranchMove | null
  readonly from: string | null
}

/** The last step of a commit. */
export interface BranchMove {
  /** Full name of the branch. */
  readonly ref: string
  /** Where it was when the commit was built; null on a branch without a commit. */
  readonly from: Oid | null
  readonly to: Oid
  /** What the reflog says of it. */
  readonly note: string
}

/** The human's index while we hold its lock: no git command of theirs can write it or commit. */
export interface HeldIndex {
  /** Makes the index that belongs to where the branch is going: the human's own, with these entries (lines for `update-index --index-info`). */
  prepare(move: BranchMove, entries: string): Promise<void>
  /** Puts the prepared index in place; called once the branch is there. */
  publish(): void
}

/** Runs `work` under git's own lock of the index; undefined when somebody else holds it. Call `recoverIndex` before. */
export async function holdIndex<T>(git: MemoryGit, places: GitPlaces, state: string, work: (held: HeldIndex) => Promise<T>): Promise<T | undefined> {
  const nonce = randomBytes(6).toString('hex')
  const intent = { token: `held by signalbox ${nonce}\n`, lock: `${places.index}.lock`, index: places.index, prepared: join(places.gitDir, `signalbox-index-${nonce}`), move: null, from: null }
  await writeIntent(state, intent)
  try {
    if (!(await createFileExclusively(intent.lock, intent.token))) return undefined
    return await work({
      prepare: (move, entries) => prepareIndex(git, places, state, { ...intent, move, from: hashOfFile(intent.index) }, entries),
      publish: () => renameSync(intent.prepared, intent.index),
    })
  } finally {
    release(state, intent)
  }
}

/**
 * Finishes or undoes what a killed process left at the index; a lock that is not ours is never touched. `move` does the
 * last step, and says whether the branch is there. The caller holds the state lock.
 */
export async function recoverIndex(state: string, move: (step: BranchMove) => Promise<boolean>): Promise<void> {
  const intent = parseIntent(await readJson(intentFile(state)))
  if (intent === undefined) return
  // Finished rather than undone: the git of the killed process may live, and take that step at any moment.
  if (intent.move !== null && existsSync(intent.prepared) && hashOfFile(intent.index) === intent.from && (await move(intent.move))) {
    renameSync(intent.prepared, intent.index)
  }
  release(state, intent)
}

async function prepareIndex(git: MemoryGit, places: GitPlaces, state: string, intent: IndexIntent, entries: string): Promise<void> {
  const times = statSync(intent.index, { throwIfNoEntry: false })
  if (times !== undefined) copyFileSync(intent.index, intent.prepared)
  // In an empty folder for a working tree git finds no file to compare an entry with, so no filter of the repository runs.
  const empty = makePrivateFolder(join(state, 'empty'))
  await git.run(['update-index', '--index-info'], { input: entries, cwd: empty, variables: { GIT_DIR: places.gitDir, GIT_WORK_TREE: empty, GIT_INDEX_FILE: intent.prepared } })
  if (times !== undefined) {
    // Git trusts an entry only if it is older than the index: with a newer time a change of the same second would be hidden, an older one is safe.
    const seconds = Math.floor(times.mtimeMs / 1000)
    utimesSync(intent.prepared, seconds, seconds)
  }
  await writeIntent(state, intent)
}

function release(state: string, intent: IndexIntent): void {
  rmSync(intent.prepared, { force: true })
  rmSync(`${intent.prepared}.lock`, { force: true })
  if (readText(intent.lock) === intent.token) rmSync(intent.lock, { force: true })
  sweepTemporaryFiles(join(intent.lock, '..'))
  rmSync(intentFile(state), { force: true })
}

async function writeIntent(state: string, intent: IndexIntent): Promise<void> {
  await writeFileAtomically(intentFile(state), `${JSON.stringify(intent)}\n`)
}

function intentFile(state: string): string {
  return join(state, 'index-intent.json')
}

function hashOfFile(path: string): string | null {
  try {
    return hashOf(readFileSync(path))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function parseIntent(value: unknown): IndexIntent | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const text = textsOf(value)
  return { token: text('token'), lock: text('lock'), index: text('index'), prepared: text('prepared'), move: 'move' in value ? parseMove(value.move) : null, from: text('from') || null }
}

function parseMove(value: unknown): BranchMove | null {
  if (typeof value !== 'object' || value === null) return null
  const text = textsOf(value)
  const to = parseOid(text('to'))
  return to === undefined ? null : { ref: text('ref'), from: parseOid(text('from')) ?? null, to, note: text('note') }
}

function textsOf(value: object): (key: string) => string {
  const entries = new Map<string, unknown>(Object.entries(value))
  return (key) => {
    const text = entries.get(key)
    return typeof text === 'string' ? text : ''
  }
}
