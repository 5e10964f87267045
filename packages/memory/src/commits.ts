import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@signalbox/core'
import { readHead, readPlaces, type GitPlaces } from './commit-facts.ts'
import type { CommitQueue, QueuedOperation } from './commit-queue.ts'
import { readConfigFile } from './config-file.ts'
import { commitGroup, joinOverlapping, messageOfGroup, recoverCommits, type Committed } from './memory-commit.ts'
import type { CommitOutcome, PendingCommit } from './memory.ts'
import type { MemoryGit } from './memory-git.ts'
import { readMemoryPlace, writeMemoryPlace } from './state-folder.ts'

/** Commits of one memory repo. */
export interface Commits {
  /** Ends the operation under way and commits it, after what was queued before. */
  commit(message: string): Promise<CommitOutcome>
  /** What is written and not committed; looks only. */
  pending(): Promise<readonly PendingCommit[]>
}

/** What commits are made of. */
interface CommitParts {
  readonly git: MemoryGit
  readonly dir: string
  readonly state: string
  readonly queue: CommitQueue
  /** Asks git once; a repository does not move its directories while it is open. */
  places(): Promise<GitPlaces>
}

/** Creates the commits of the memory repo at `dir`. */
export function createCommits(parts: Omit<CommitParts, 'places'>): Commits {
  const { git, queue } = parts
  let known: GitPlaces | undefined
  const place: CommitParts = { ...parts, places: async () => (known ??= await readPlaces(git, parts.dir)) }
  return {
    async commit(message) {
      const own = await queue.close(message)
      const mode = readMode(place.dir)
      if (mode === 'manual') return dropAll(queue)
      const results = mode === 'each' ? await commitAll(place, await queue.read()) : await keepAll(queue, mode.because)
      const result = own === undefined ? undefined : results.get(own)
      if (result?.kind === 'stuck') return { kind: 'queued', because: result.because }
      if (result?.kind === 'committed') return result
      // Nothing of this operation was left to commit: it is in HEAD already.
      const { head } = await readHead(git)
      return head === undefined ? { kind: 'queued', because: 'the memory repo has no commit yet' } : { kind: 'committed', oid: head }
    },
    async pending() {
      return joinOverlapping(await queue.read()).map((group) => ({
        message: messageOfGroup(group).split('\n', 1)[0] ?? '',
        paths: [...new Set(group.flatMap(({ files }) => files.map(({ path }) => path)))],
        because: group.at(-1)?.because ?? 'it was interrupted; the next operation commits it',
        tried: group.at(-1)?.because !== undefined,
      }))
    },
  }
}

async function commitAll(place: CommitParts, operations: readonly QueuedOperation[]): Promise<ReadonlyMap<string, Committed>> {
  const results = new Map<string, Committed>()
  const branch = await findBranch(place)
  for (const group of joinOverlapping(operations)) {
    const result = 'because' in branch ? ({ kind: 'stuck', because: branch.because } as const) : await tryGroup(place, branch.name, group)
    for (const operation of group) {
      results.set(operation.name, result)
      if (result.kind !== 'stuck') place.queue.remove(operation.name)
      else if (operation.because !== result.because) await place.queue.save({ ...operation, because: result.because })
    }
  }
  return results
}

/** The files are written whatever becomes of the commit, so a fault of git queues it instead of failing the operation. */
async function tryGroup(parts: CommitParts, branch: string, group: readonly QueuedOperation[]): Promise<Committed> {
  try {
    await recoverCommits(parts)
    return await commitGroup({ ...parts, branch, places: await parts.places() }, group)
  } catch (error) {
    return { kind: 'stuck', because: messageOf(error) }
  }
}

async function keepAll(queue: CommitQueue, because: string): Promise<ReadonlyMap<string, Committed>> {
  const operations = await queue.read()
  for (const operation of operations) await queue.save({ ...operation, because })
  return new Map(operations.map(({ name }) => [name, { kind: 'stuck', because }]))
}

async function dropAll(queue: CommitQueue): Promise<CommitOutcome> {
  for (const { name } of await queue.read()) queue.remove(name)
  return { kind: 'off' }
}

function readMode(dir: string): 'each' | 'manual' | { readonly because: string } {
  try {
    return readConfigFile(dir).config.memory.commit
  } catch (error) {
    return { because: messageOf(error) }
  }
}

/** The branch fixed at init; a clone that was never initialised here fixes the one it has checked out now. */
async function findBranch({ git, dir, state }: CommitParts): Promise<{ readonly name: string } | { readonly because: string }> {
  try {
    const known = await readMemoryPlace(state)
    if (known !== undefined) return { name: known.branch }
    if (!existsSync(join(dir, '.git'))) return { because: 'the memory repo is not a git repository' }
    const { code, stdout } = await git.run(['symbolic-ref', '-q', '--short', 'HEAD'], { exits: [0, 1] })
    if (code !== 0) return { because: 'no branch is checked out in the memory repo' }
    await writeMemoryPlace(state, { path: dir, branch: stdout.trim() })
    return { name: stdout.trim() }
  } catch (error) {
    return { because: messageOf(error) }
  }
}
