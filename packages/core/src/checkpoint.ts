import * as z from 'zod'
import { snapshotIdSchema, snapshotNumber, type SnapshotId } from './ids.ts'

/** Why a checkpoint was taken: the agent said that a turn of it is over; its files changed and came to rest; they changed and did not come to rest. */
export const checkpointReasons = ['turn', 'rest', 'busy'] as const
export const checkpointReasonSchema = z.enum(checkpointReasons)
export type CheckpointReason = z.infer<typeof checkpointReasonSchema>

/** When checkpoints are taken of a run, and how many of them stay. */
export const checkpointPolicySchema = z.object({
  /** `never`: only its end is saved. */
  take: z.enum(['auto', 'never']).default('auto'),
  /** Seconds without a change after which files have come to rest. */
  restSeconds: z.number().min(0.1).max(3_600).default(5),
  /** Seconds of changes without a rest after which one is taken all the same. */
  busySeconds: z.number().min(0.1).max(86_400).default(120),
  /** The least seconds from the start to the first, and from one to the next. */
  secondsBetween: z.number().min(0).max(86_400).default(30),
  /** How many stay of one run; rounds do not count and always stay. */
  keep: z.int().min(2).max(1_000).default(20),
})
export type CheckpointPolicy = z.infer<typeof checkpointPolicySchema>

/** What is known of a run at work. Times are milliseconds of a clock that never goes back. */
export interface CheckpointFacts {
  readonly now: number
  /** Whether the agent said that a turn is over since the last one was taken. */
  readonly turnEnded: boolean
  /** Since when its files are seen to differ from what was saved, and when they were last seen to change; undefined while nothing differs. */
  readonly changed: { readonly since: number; readonly last: number } | undefined
  /** When the last try ended (before the first: when the agent started), how long it took, and how many failed in a row. */
  readonly lastTry: { readonly endedAt: number; readonly tookMs: number; readonly failures: number }
}

/** A try waits so many times as long as the last one took: taking checkpoints is at most a tenth of a run. */
const timesLastTook = 10

/** Failures in a row after which the wait for the next try does not double any more. */
const mostDoublings = 6

/** Returns why a checkpoint is to be taken now; undefined when there is no reason, or it is too early. */
export function findCheckpointReason(facts: CheckpointFacts, policy: CheckpointPolicy): CheckpointReason | undefined {
  const { now, changed, turnEnded, lastTry } = facts
  if (policy.take === 'never' || changed === undefined || now < nextTryAt(lastTry, policy)) return undefined
  if (turnEnded) return 'turn'
  if (now - changed.last >= policy.restSeconds * 1_000) return 'rest'
  return now - changed.since >= policy.busySeconds * 1_000 ? 'busy' : undefined
}

/** Returns when the next try may begin at the earliest. */
export function nextTryAt({ endedAt, tookMs, failures }: CheckpointFacts['lastTry'], { secondsBetween }: CheckpointPolicy): number {
  return endedAt + Math.max(secondsBetween * 1_000, tookMs * timesLastTook) * 2 ** Math.min(failures, mostDoublings)
}

/**
 * Chooses which of the checkpoints that are kept go, oldest first given, until `keep` of them are left. The first and the last
 * stay; of the others goes the one whose neighbours lie closest together, the older of two: what is left is spread over the run.
 */
export function chooseThinned(kept: readonly SnapshotId[], keep: number): readonly SnapshotId[] {
  const left = [...kept]
  const thinned: SnapshotId[] = []
  while (left.length > Math.max(keep, 2)) {
    const numbers = left.map(snapshotNumber)
    const gaps = numbers.slice(2).map((number, index) => number - (numbers[index] ?? number))
    thinned.push(...left.splice(1 + gaps.indexOf(Math.min(...gaps)), 1))
  }
  return thinned
}

/** What a round was sealed by. */
export const sealedByWords = ['run', 'human', 'refresh', 'recovery', 'undo', 'part'] as const

/** One moment in which a run was saved, or should have been. Order is that of the list: clocks go back. */
export const savedMomentSchema = z.object({
  at: z.string(),
  kind: z.enum(['checkpoint', 'round', 'failed']),
  /** Null for a checkpoint that failed. */
  snapshot: snapshotIdSchema.nullable(),
  /** Why a checkpoint was taken or tried, or what sealed a round. */
  reason: z.enum([...checkpointReasons, ...sealedByWords]),
  /** Why it failed; null for one that did not. */
  because: z.string().nullable(),
  /** Milliseconds its processes were held; null where none were. */
  heldMs: z.int().nonnegative().nullable(),
  /** It is not kept any more: see `chooseThinned`. */
  thinned: z.boolean(),
})
export type SavedMoment = z.infer<typeof savedMomentSchema>

/** Tells the rounds that are made in the vault alone from what is captured from a workspace. */
export function isComputed(reason: SavedMoment['reason']): boolean {
  return reason === 'refresh' || reason === 'undo' || reason === 'part'
}
