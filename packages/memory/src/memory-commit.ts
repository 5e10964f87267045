import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError, messageOf, parseOid, type Oid } from '@signalbox/core'
import { findObstacle, judgeFile, readCommitFacts, readHead, type CommitFacts, type FileVerdict, type GitPlaces } from './commit-facts.ts'
import type { QueuedFile, QueuedOperation } from './commit-queue.ts'
import { withNewObjects, type NewObjects } from './commit-objects.ts'
import { holdIndex, recoverIndex, type HeldIndex } from './index-lock.ts'
import { readIdentity, type MemoryGit } from './memory-git.ts'

/** Where commits are made. */
export interface CommitPlace {
  readonly git: MemoryGit
  readonly dir: string
  readonly state: string
  readonly places: GitPlaces
  /** Short name of the only branch that is ever moved. */
  readonly branch: string
}

/** What became of one operation. `settled`: HEAD or the human already has it, or it never wrote. */
export type Committed = { readonly kind: 'committed'; readonly oid: Oid } | { readonly kind: 'settled' } | { readonly kind: 'stuck'; readonly because: string }

type Change = Extract<FileVerdict, { kind: 'commit' }>

interface CommitRequest {
  readonly files: readonly QueuedFile[]
  readonly message: string
  readonly identity: Readonly<Record<string, string>>
}

/** Times a commit is built anew because the branch moved in between. */
const TRIES = 3

/** Joins operations that wrote the same file: only the last bytes are on disk, so they can only be committed together. */
export function joinOverlapping(operations: readonly QueuedOperation[]): readonly (readonly QueuedOperation[])[] {
  const groups: QueuedOperation[][] = []
  for (const operation of operations) {
    const paths = new Set(operation.files.map(({ path }) => path))
    const touched = groups.filter((group) => group.some(({ files }) => files.some(({ path }) => paths.has(path))))
    for (const group of touched) groups.splice(groups.indexOf(group), 1)
    groups.push([...touched.flat(), operation])
  }
  return groups
}

/** Returns the message of operations that are committed together: the last one's, with the others named below. */
export function messageOfGroup(group: readonly QueuedOperation[]): string {
  const messages = group.map(({ message, files }) => message ?? `Record ${files.map(({ path }) => path).join(', ')} of an interrupted operation`)
  const last = messages.at(-1) ?? ''
  const earlier = messages.slice(0, -1)
  return earlier.length === 0 ? `${last}\n` : `${last}\n\nTogether with:\n${earlier.map((message) => `- ${message}\n`).join('')}`
}

/** Ends what a killed commit left behind. */
export async function recoverCommits({ git, state }: Pick<CommitPlace, 'git' | 'state'>): Promise<void> {
  await recoverIndex(state, async () => (await readHead(git)).head)
}

/** Commits exactly the files of these operations, or says why not; nothing staged or half-edited by the human goes with them. */
export async function commitGroup(place: CommitPlace, group: readonly QueuedOperation[]): Promise<Committed> {
  const files = joinFiles(group)
  const { places } = place
  const request = { files, message: messageOfGroup(group), identity: await readIdentity(place.git) }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const done = await holdIndex(place.git, places, place.state, (held) => tryCommit(place, held, request))
    if (done === undefined) return { kind: 'stuck', because: `git's index is locked (${places.index}.lock)` }
    if (done !== 'moved') return done
  }
  return { kind: 'stuck', because: `${place.branch} kept moving` }
}

/** The first operation knew what was there before, the last one what is there now. */
function joinFiles(group: readonly QueuedOperation[]): readonly QueuedFile[] {
  const joined = new Map<string, QueuedFile>()
  for (const file of group.flatMap(({ files }) => files)) joined.set(file.path, { ...file, before: joined.has(file.path) ? (joined.get(file.path)?.before ?? null) : file.before })
  return [...joined.values()]
}

async function tryCommit(place: CommitPlace, held: HeldIndex, request: CommitRequest): Promise<Committed | 'moved'> {
  const facts = await readCommitFacts(place.git, place.dir, place.places, request.files.map(({ path }) => path))
  const verdicts = request.files.map((file) => judgeFile(facts, file))
  const changes = verdicts.filter((verdict) => verdict.kind === 'commit')
  const stuck = verdicts.find((verdict) => verdict.kind === 'stuck')
  if (stuck === undefined && changes.length === 0) return { kind: 'settled' }
  const because = findObstacle(facts, place.branch) ?? stuck?.because
  if (because !== undefined) return { kind: 'stuck', because }
  const { entries, oid } = await withNewObjects(place.places.objects, async (made) => {
    const lines = await writeEntries(place.git, changes, made)
    const commit = await writeCommit(place, facts, { entries: lines, made, request })
    await made.publish()
    return { entries: lines, oid: commit }
  })
  await held.prepare(oid, entries)
  const moved = await moveBranch(place, facts, oid, request)
  if (!moved) return 'moved'
  held.publish()
  return { kind: 'committed', oid }
}

/** Stores the bytes as they are and returns their index entries. */
async function writeEntries(git: MemoryGit, changes: readonly Change[], { variables }: NewObjects): Promise<string> {
  const lines: string[] = []
  for (const { bytes, mode, path } of changes) {
    const { stdout } = await git.run(['hash-object', '-w', '--no-filters', '--stdin'], { input: bytes, variables })
    lines.push(`${mode} ${stdout.trim()}\t${path}\n`)
  }
  return lines.join('')
}

interface Written {
  readonly entries: string
  readonly made: NewObjects
  readonly request: CommitRequest
}

/** Writes the commit with an index of our own, made from HEAD alone. */
async function writeCommit({ git, state }: CommitPlace, { head }: CommitFacts, { entries, made, request }: Written): Promise<Oid> {
  const index = join(state, 'commit-index')
  const variables = { ...made.variables, GIT_INDEX_FILE: index }
  for (const path of [index, `${index}.lock`]) rmSync(path, { force: true })
  await git.run(head === undefined ? ['read-tree', '--empty'] : ['read-tree', head], { variables })
  await git.run(['update-index', '--index-info'], { input: entries, variables })
  const tree = (await git.run(['write-tree'], { variables })).stdout.trim()
  rmSync(index, { force: true })
  const parents = head === undefined ? [] : ['-p', head]
  const written = await git.run(['commit-tree', tree, ...parents, '-F', '-'], { input: request.message, variables: { ...made.variables, ...request.identity } })
  const oid = parseOid(written.stdout.trim())
  if (oid === undefined) throw new ControlError('git.command_failed', `git commit-tree in ${state} did not answer with a commit: ${written.stdout}`)
  return oid
}

/** Moves the branch if it is still where the commit was built; false when it is not. */
async function moveBranch({ git, branch }: CommitPlace, { head }: CommitFacts, oid: Oid, { message, identity }: CommitRequest): Promise<boolean> {
  const subject = message.split('\n', 1)[0] ?? ''
  try {
    await git.run(['update-ref', '-m', `signalbox: ${subject}`, `refs/heads/${branch}`, oid, head ?? '0'.repeat(oid.length)], { variables: identity })
    return true
  } catch (error) {
    // Exit 128 may mean many things; that the branch is elsewhere now is read, not guessed from the words.
    if ((await readHead(git)).head !== head) return false
    throw new ControlError('git.command_failed', `${branch} could not be moved: ${messageOf(error)}`, { cause: error, hint: 'Run `signalbox doctor` to check the memory repo' })
  }
}
