import * as z from 'zod'
import type { Known } from './gate-facts.ts'
import { nameUpTo5 } from './gate-report.ts'
import { quote } from './quote.ts'
import { repoNameSchema, runIdSchema, type RepoName, type RunId } from './ids.ts'
import type { MergeProgress } from './run.ts'
import { reportedPathSchema, type ReportedPath } from './snapshot.ts'

/** What would be lost with one checkout. */
export interface Unsaved {
  readonly changed: readonly string[]
  readonly missing: readonly ReportedPath[]
  readonly refs: readonly string[]
  /** Never part of a snapshot, so shown and no reason to keep anything. */
  readonly ignored: readonly string[]
}

/** One repo of a workspace that somebody wants to remove. */
export interface LeftCheckout {
  readonly repo: RepoName
  /** Absolute path of the checkout. */
  readonly path: string
  /** Whether a round was captured from it; without one it is compared with the base. */
  readonly captured: boolean
  /** Whether that round can be read: if not, the checkout may be the only copy. */
  readonly readable: Known<boolean>
  readonly unsaved: Known<Unsaved>
}

/** Everything the decision about one workspace needs. */
export interface WorkspaceFacts {
  readonly run: RunId
  /** Absolute path of the workspace folder. */
  readonly path: string
  /** `unknown`: no run of this memory repo has that id. `unsettled`: it has ended, and its end or landing is not recorded everywhere yet. */
  readonly state: 'unknown' | 'active' | 'unsettled' | 'ended'
  readonly merge: MergeProgress['kind']
  readonly rejected: boolean
  /** Whether its latest round changes anything. */
  readonly changes: boolean
  /** Live processes that carry the run's tag, or are in its folder. */
  readonly workers: Known<readonly { readonly pid: number; readonly command: string }[]>
  /** Entries of the workspace folder beside its checkouts. */
  readonly outside: Known<readonly string[]>
  readonly checkouts: readonly LeftCheckout[]
}

/** Why a workspace stays. */
export const keepReasonSchema = z.object({
  code: z.enum(['run_unknown', 'run_active', 'end_unsettled', 'merge_pending', 'workspace_in_use', 'work_unsaved', 'round_unreadable', 'facts_unavailable', 'not_landed']),
  message: z.string(),
  /** The next action, as a sentence. */
  remedy: z.string(),
})
export type KeepReason = z.infer<typeof keepReasonSchema>

/** `keep`: nobody asked for this one. `refuse`: it was asked for, or holds what would be lost. */
export interface CleanVerdict {
  readonly verdict: 'remove' | 'keep' | 'refuse'
  /** Every reason it stays; empty when it goes. */
  readonly reasons: readonly KeepReason[]
}

export const cleanRequestSchema = z.object({
  /** Only these runs, landed or not; all when empty. */
  runs: z.array(runIdSchema).default([]),
  /** Take workspaces of runs that have not landed, too. */
  unlanded: z.boolean().default(false),
  /** Only say what would be done. */
  dryRun: z.boolean().default(false),
})
export type CleanRequest = z.input<typeof cleanRequestSchema>

/** Where a run stands whose workspace it is: `open` is sealed, changes something and was neither landed nor turned down. */
export const standings = ['landed', 'rejected', 'unchanged', 'open', 'active', 'unknown'] as const
export type Standing = (typeof standings)[number]

const removals = ['removed', 'would_remove', 'kept', 'refused'] as const

export const cleanReportSchema = z.object({
  dryRun: z.boolean(),
  /** Unsaved work first, then what has not landed. */
  workspaces: z.array(
    z.object({
      run: runIdSchema,
      path: z.string(),
      /** Bytes on disk; null when it could not be measured. */
      bytes: z.int().nullable(),
      standing: z.enum(standings),
      action: z.enum(removals),
      /** What no sealed round has, per repo; `ignored` goes with the workspace. */
      checkouts: z.array(z.object({ repo: repoNameSchema, changed: z.array(z.string()), missing: z.array(reportedPathSchema), refs: z.array(z.string()), ignored: z.array(z.string()) })),
      reasons: z.array(keepReasonSchema),
      /** Refs of ours in sources that go with it: those of landings, whose commits a branch or tag keeps. */
      pins: z.array(z.object({ repo: repoNameSchema, ref: z.string() })),
    }),
  ),
  checkFolders: z.array(z.object({ repos: z.array(z.string()), path: z.string(), bytes: z.int().nullable(), action: z.enum(removals), because: z.string() })),
  /** Bytes that are freed, or would be. */
  freed: z.int(),
})
export type CleanReport = z.infer<typeof cleanReportSchema>

/**
 * Decides whether the workspace of a run may go. What no round has, what is in use and what could not be read stays,
 * whoever asks; what has not landed goes only when its run is named, or all unlanded ones are asked for.
 */
export function judgeCleaning(facts: WorkspaceFacts, asked: { readonly named: boolean; readonly unlanded: boolean }): CleanVerdict {
  if (facts.state === 'active') return { verdict: asked.named ? 'refuse' : 'keep', reasons: [activeReason(facts)] }
  if (facts.state === 'unsettled') return { verdict: asked.named ? 'refuse' : 'keep', reasons: [unsettledReason(facts)] }
  if (facts.state === 'unknown') return judgeUnknown(facts, asked.named)
  const losses = [...findHindrances(facts), ...facts.checkouts.flatMap((checkout) => findLosses(facts, checkout))]
  const open = findStanding(facts) === 'open' && !asked.named && !asked.unlanded ? [notLanded(facts)] : []
  if (losses.length > 0) return { verdict: 'refuse', reasons: [...losses, ...open] }
  return open.length > 0 ? { verdict: 'keep', reasons: open } : { verdict: 'remove', reasons: [] }
}

/** Says where the run of a workspace stands: only `open` ones need it to be brought to an end. */
export function findStanding({ state, merge, rejected, changes }: Pick<WorkspaceFacts, 'state' | 'merge' | 'rejected' | 'changes'>): Standing {
  if (state === 'active' || state === 'unknown') return state
  if (merge === 'merged') return 'landed'
  if (rejected) return 'rejected'
  return merge === 'none' && !changes ? 'unchanged' : 'open'
}

/** A folder that holds nothing at all is nobody's work. */
function judgeUnknown({ run, path, outside }: WorkspaceFacts, named: boolean): CleanVerdict {
  if (outside.known && outside.value.length === 0) return { verdict: 'remove', reasons: [] }
  return {
    verdict: named ? 'refuse' : 'keep',
    reasons: [{ code: 'run_unknown', message: `${path} holds files, and this memory repo has no run ${run} that could have saved them`, remedy: 'Look at what it holds, then move it away or delete it yourself' }],
  }
}

function activeReason({ run }: WorkspaceFacts): KeepReason {
  return { code: 'run_active', message: `${run} has not ended`, remedy: `Wait for its end, or end it: signalbox cancel ${run}` }
}

function unsettledReason({ run, merge }: WorkspaceFacts): KeepReason {
  return merge === 'merging' || merge === 'stuck' ? pendingReason(run) : { code: 'end_unsettled', message: `${run} has ended, and not all of its end is settled`, remedy: 'Clean again in a moment; should it stay so, read what it needs: signalbox doctor' }
}

function pendingReason(run: RunId): KeepReason {
  return { code: 'merge_pending', message: `A landing of ${run} is not settled`, remedy: 'Read what it needs: signalbox doctor' }
}

function notLanded({ run }: WorkspaceFacts): KeepReason {
  return { code: 'not_landed', message: `${run} is sealed and has not landed`, remedy: `Name it to remove its workspace; its rounds stay: signalbox clean ${run}` }
}

function findHindrances({ run, path, merge, workers, outside }: WorkspaceFacts): readonly KeepReason[] {
  return [
    ...(merge === 'merging' || merge === 'stuck' ? [pendingReason(run)] : []),
    ...(workers.known
      ? workers.value.slice(0, 5).map(({ pid, command }) => ({ code: 'workspace_in_use' as const, message: `Process ${pid} (${command}) still works in the workspace of ${run}`, remedy: 'End it, then clean again' }))
      : [unknown(run, 'processes', workers.because)]),
    ...(outside.known ? (outside.value.length === 0 ? [] : [lost(`${path} holds what lies in no repo: ${nameUpTo5(outside.value)}`, 'Move it elsewhere or delete it')]) : [unknown(run, 'workspace', outside.because)]),
  ]
}

function findLosses({ run, merge }: WorkspaceFacts, { repo, path, captured, readable, unsaved }: LeftCheckout): readonly KeepReason[] {
  if (!unsaved.known) return [unknown(run, `checkout of ${repo}`, unsaved.because)]
  const seal = merge === 'merged' ? `Keep what you need of it elsewhere and put the rest back: git -C ${quote(path)} status` : `Save it as a round: signalbox seal ${run}`
  const { changed, missing, refs } = unsaved.value
  return [
    ...(changed.length === 0 ? [] : [lost(captured ? `${repo} changed since its round was sealed: ${nameUpTo5(changed)}` : `No round of ${run} holds the work in ${repo}: ${nameUpTo5(changed)}`, seal)]),
    ...(missing.length === 0 ? [] : [lost(`${repo} holds what no round can save: ${nameUpTo5(missing.map((item) => `${item.path} (${item.reason.replaceAll('_', ' ')})`))}`, `Move it out of ${path}, or delete it there`)]),
    ...(refs.length === 0 ? [] : [lost(`${repo} has commits that are in no round, on ${nameUpTo5(refs)}`, `Fetch what you need of them from ${path}, then drop them there with git`)]),
    ...(readable.known ? (readable.value ? [] : [damaged(run, repo)]) : [unknown(run, `round of ${repo}`, readable.because)]),
  ]
}

function lost(message: string, remedy: string): KeepReason {
  return { code: 'work_unsaved', message, remedy }
}

function damaged(run: RunId, repo: RepoName): KeepReason {
  return { code: 'round_unreadable', message: `The saved round of ${run} in ${repo} cannot be read, so the workspace may be the only copy`, remedy: 'Have it saved again from there: signalbox doctor --fix' }
}

function unknown(run: RunId, what: string, because: string): KeepReason {
  return { code: 'facts_unavailable', message: `The ${what} of ${run} could not be looked at: ${because}`, remedy: 'Clear what it names, then clean again' }
}
