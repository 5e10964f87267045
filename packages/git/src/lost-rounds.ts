import type { Oid, RunId } from '@signalbox/core'
import { isReadable } from './capture.ts'
import type { Change } from './change-list.ts'
import { vaultRefs } from './layout.ts'
import type { Vault } from './vault.ts'

/** One repo of a snapshot as its run's record names it. */
export interface SavedRound extends Change {
  readonly run: RunId
  readonly number: number
  readonly tree: Oid
}

/** `unreadable`: objects are missing or damaged. `unreferenced`: all are there, but the ref that keeps them is gone. */
export interface LostRound {
  readonly round: SavedRound
  readonly lost: 'unreadable' | 'unreferenced'
}

/** Milliseconds a look at every round there ever was may take. */
const LOOK_MS = 600_000

/** Returns those of the rounds of one source that are not in its vault as they were saved. One git for all of them while all is well. */
export async function findLostRounds(vault: Vault, rounds: readonly SavedRound[]): Promise<readonly LostRound[]> {
  if (rounds.length === 0) return []
  const options = ['--stdin', '--always', '-r', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv'] as const
  const { exitCode, text } = await vault.git(['diff-tree', ...options], { stdin: rounds.map(({ commit }) => `${commit}\n`).join(''), okExits: [0, 128], timeoutMs: LOOK_MS })
  // Given a list, git says nothing of a commit it does not know, and goes on.
  const read = new Set(exitCode === 0 ? text.split('\n') : [])
  const refs = await readRefs(vault)
  const lost: LostRound[] = []
  for (const round of rounds) {
    if (!read.has(round.commit) && !(await isReadable(vault, round))) lost.push({ round, lost: 'unreadable' })
    else if (!isKept(refs.get(round.commit), round)) lost.push({ round, lost: 'unreferenced' })
  }
  return lost
}

/** Where the target of a repo did not move, a refreshed round is the commit of the one before, and that one's ref keeps it. */
function isKept(names: ReadonlySet<string> | undefined, { run, number }: SavedRound): boolean {
  return Array.from({ length: number }, (_, index) => vaultRefs.snapshot(run, index + 1)).some((name) => names?.has(name) === true)
}

/** Names of the refs by what they lead to. */
async function readRefs({ git }: Vault): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { text } = await git(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/signalbox/runs/'])
  const refs = new Map<string, Set<string>>()
  for (const line of text.split('\n').filter((found) => found !== '')) {
    const [oid = '', name = ''] = line.split(' ')
    refs.set(oid, (refs.get(oid) ?? new Set()).add(name))
  }
  return refs
}
