import type { Blocker, GateReport } from '@signalbox/core'
import { count } from '../words/amounts.ts'
import type { Tone } from '../words/states.ts'

type GateRepo = GateReport['repos'][number]
export type TargetWord = 'equal' | 'moved' | 'missing' | 'conflict' | 'dirty' | 'busy' | 'unknown' | 'unchanged'

/** How the target of one repo stands to the snapshot, as read from the gate's reasons. */
export interface TargetState {
  readonly words: readonly TargetWord[]
  readonly tone: Tone
  readonly sentence: string
}

const wordOf: Partial<Record<Blocker['code'], TargetWord>> = {
  target_moved: 'moved',
  target_missing: 'missing',
  merge_conflict: 'conflict',
  target_dirty: 'dirty',
  target_busy: 'busy',
  repo_unreachable: 'unknown',
  facts_unavailable: 'unknown',
}

const sentences: Readonly<Record<TargetWord, string>> = {
  equal: 'is where the run began',
  moved: 'moved since the run began',
  missing: 'is gone',
  conflict: 'would conflict',
  dirty: 'has changes of its own in its checkout',
  busy: 'is busy with another operation',
  unknown: 'could not be looked at',
  unchanged: 'is not touched',
}

/** Returns how a repo's target stands. The gate decides; this only reads its reasons. */
export function targetState(repo: GateRepo, blockers: readonly Blocker[]): TargetState {
  const found = blockers.filter((blocker) => blocker.repo === repo.repo).map(({ code }) => wordOf[code])
  const words = [...new Set(found.filter((word) => word !== undefined))]
  if (words.length === 0) words.push(standing(repo))
  const tone = words.includes('equal') ? 'ok' : words.includes('unchanged') ? 'quiet' : words.some((word) => word === 'dirty' || word === 'busy') ? 'warn' : 'bad'
  const own = repo.advanced === undefined ? [] : [`took ${count(repo.advanced.commits, 'commit')} of our records since, beside the change`]
  return { words, tone, sentence: [...words.map((word) => sentences[word]), ...own].join(', ') }
}

/** Where the gate has nothing against a target, its head says the rest: a run that landed has moved it itself. */
function standing({ changed, targetHead, base }: GateRepo): TargetWord {
  if (!changed) return 'unchanged'
  if (targetHead === null) return 'unknown'
  return targetHead === base ? 'equal' : 'moved'
}
