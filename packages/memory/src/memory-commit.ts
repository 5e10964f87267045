import { ControlError, messageOf, parseOid, type Oid } from '@signalbox/core'
import { findObstacle, judgeFile, readCommitFacts, readHead, type GitPlaces, type WrittenFile } from './commit-facts.ts'
import type { QueuedOperation } from './commit-queue.ts'
import { writeCommit } from './commit-write.ts'
import { holdIndex, recoverIndex, type BranchMove, type HeldIndex } from './index-lock.ts'
import { readIdentity, type Identity, type MemoryGit } from './memory-git.ts'
import { noteOwnCommit } from './own-commits.ts'

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

interface CommitRequest {
  readonly files: readonly WrittenFile[]
  readonly message: string
  readonly identity: Identity
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
  await recoverIndex(state, async (move) => (await canFinish(git, move)) && moveBranch(git, move, await readIdentity(git)))
}

async function canFinish(git: MemoryGit, { ref, to }: BranchMove): Promise<boolean> {
  // Under another branch, which somebody took the lock away for, the prepared index would be a change of theirs.
  if ((await readHead(git)).branch !== ref) return false
  // Nothing pointed to the commit: a clean-up may have taken it.
  return (await git.run(['cat-file', '-e', `${to}^{commit}`], { exits: [0, 1, 128] })).code === 0
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

function joinFiles(group: readonly QueuedOperation[]): readonly WrittenFile[] {
  const joined = new Map<string, WrittenFile>()
  for (const { path, before, after } of group.flatMap(({ files }) => files)) joined.set(path, { path, writes: [...(joined.get(path)?.writes ?? []), { before, after }] })
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
  const { oid, entries } = await writeCommit(place.git, place.places, { head: facts.head, changes, message: request.message, identity: request.identity })
  const move = { ref: `refs/heads/${place.branch}`, from: facts.head ?? null, to: oid, note: `signalbox: ${request.message.split('\n', 1)[0] ?? ''}` }
  await noteOwnCommit(place.state, oid)
  await held.prepare(move, entries)
  if (!(await moveBranch(place.git, move, request.identity))) return 'moved'
  held.publish()
  return { kind: 'committed', oid }
}

/** Moves the branch if it is still where the commit was built on; says whether it is at the commit now. */
async function moveBranch(git: MemoryGit, { ref, from, to, note }: BranchMove, { name, email }: Identity): Promise<boolean> {
  try {
    await git.run(['update-ref', '-m', note, ref, to, from ?? '0'.repeat(to.length)], { variables: { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email } })
    return true
  } catch (error) {
    // Exit 128 may mean many things; where the branch is now is read, not guessed from the words.
    const now = parseOid((await git.run(['rev-parse', '--verify', '--quiet', ref], { exits: [0, 1] })).stdout.trim()) ?? null
    if (now !== from) return now === to
    throw new ControlError('git.command_failed', `${ref} could not be moved: ${messageOf(error)}`, { cause: error, hint: 'Run `signalbox doctor` to check the memory repo' })
  }
}
