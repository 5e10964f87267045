import type { Blocker, GateReport, RunView } from '@signalbox/core'
import { count } from '../words/amounts.ts'
import type { Standing } from '../words/states.ts'

/** What is left to do before a landing: nothing, a human's yes, a refresh that may carry one over, or more than that. */
export type Step = 'land' | 'approve' | 'carry' | 'blocked' | 'nothing' | 'merged'

const aboutApproval: readonly Blocker['code'][] = ['approval_missing', 'approval_stale']

/** Returns what is left to do. The gate decides; this reads its verdict and whether only a yes is missing. */
export function stepOf({ verdict, blockers, carries }: GateReport, { merge }: Pick<RunView, 'merge'>): Step {
  if (merge.state === 'merged') return 'merged'
  if (verdict === 'nothing_to_merge') return 'nothing'
  if (verdict === 'mergeable') return 'land'
  if (carries !== undefined) return 'carry'
  return blockers.every(({ code }) => aboutApproval.includes(code)) ? 'approve' : 'blocked'
}

/** Tells whether a yes is among what is missing. */
export function wantsApproval({ blockers }: GateReport): boolean {
  return blockers.some(({ code }) => aboutApproval.includes(code))
}

/** Tells whether a human's word helps that it was them: where something was done beside the run, and where nobody can tell whether it was. */
export function wantsOwner({ blockers }: GateReport): boolean {
  return blockers.some(({ code, data }) => code === 'run_escaped' || code === 'repo_tampered' || data['mine'] === true)
}

/** Returns the verdict in a few words. */
export function verdictOf(report: GateReport, run: Pick<RunView, 'merge'>): Standing {
  const step = stepOf(report, run)
  switch (step) {
    case 'land':
      return { word: 'Approved: may land', tone: 'ok' }
    case 'approve':
      return { word: 'Waits for your approval', tone: 'warn' }
    case 'carry':
      return { word: 'Approved; a target moved', tone: 'warn' }
    case 'blocked':
      return { word: `Blocked: ${count(report.blockers.length, 'reason')}`, tone: 'bad' }
    case 'nothing':
      return { word: 'Nothing to land', tone: 'quiet' }
    case 'merged':
      return { word: 'Merged', tone: 'ok' }
    default:
      return step satisfies never
  }
}

/** What an approval is about, as the request names it; undefined while there is no round. */
export interface Seen {
  readonly digest: string
  readonly targetHeads: Record<string, string>
  /** There only where it is to the agent's own commits. */
  readonly strategy?: 'keep'
  readonly commits?: string
}

/** Returns what a human who looks at this report says yes to: the digest, the head of every target that would move, and the agent's commits where those are kept. */
export function seenIn({ digest, repos, kept }: GateReport): Seen | undefined {
  if (kept?.digest === null) return undefined
  const heads = repos.flatMap(({ repo, changed, targetHead }) => (changed && targetHead !== null ? [[repo, targetHead] as const] : []))
  return digest === null || heads.length === 0 ? undefined : { digest, targetHeads: Object.fromEntries(heads), ...(kept === undefined ? {} : { strategy: 'keep' as const, commits: kept.digest }) }
}

/** Tells whether two reports are about the same landing with the same reasons against it. */
export function isSameGate(a: GateReport, b: GateReport): boolean {
  return gist(a) === gist(b)
}

function gist(report: GateReport): string {
  return JSON.stringify([report.snapshot, seenIn(report), report.blockers.map(({ code, repo, message }) => [code, repo, message]), report.waived])
}

/** Returns the round that was made before a landing was refused; undefined when none was. */
export function refreshedIn(error: unknown): string | undefined {
  const refreshed = at(at(error, 'data'), 'refreshed')
  return typeof refreshed === 'string' ? refreshed : undefined
}

/** Returns the report that a refusal carries; undefined when it carries none. */
export function reportIn(error: unknown): Pick<GateReport, 'blockers'> | undefined {
  const report = at(at(error, 'data'), 'report')
  const blockers = at(report, 'blockers')
  // Our own server wrote it by the schema the type comes from; pages do without the schema library.
  return Array.isArray(blockers) ? (report as Pick<GateReport, 'blockers'>) : undefined
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
