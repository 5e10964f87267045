import { nameUpTo5 } from './amounts.ts'
import type { GateFacts } from './gate-facts.ts'
import { block, type Blocker } from './gate-report.ts'
import type { Finding } from './findings.ts'
import type { FindingId, RepoName } from './ids.ts'

/** A finding that nobody settled, as the gate tells of it: all that makes the blocker another one. */
export interface OpenFinding {
  readonly id: FindingId
  readonly text: string
  /** Null for one on the run as a whole. */
  readonly repo: RepoName | null
  readonly path: string | null
}

/** Returns what the gate judges of a finding. */
export function judgedFinding({ id, text, anchor }: Finding): OpenFinding {
  return { id, text, repo: anchor?.repo ?? null, path: anchor?.path ?? null }
}

/** Returns whether a reviewer's comment is unresolved, or nobody can say. */
export function findFindingBlockers({ run, findings }: Pick<GateFacts, 'run' | 'findings'>): Blocker[] {
  if (!findings.known) {
    const { because } = findings
    return [block('facts_unavailable', undefined, `The findings of ${run} could not be read: ${because}`, { because }, { sentence: `Bring runs/${run}/review.jsonl back as it was, from the history of the memory repo`, command: 'signalbox doctor' })]
  }
  const open = findings.value
  if (open.length === 0) return []
  const named = open.map(({ id, repo, path }) => `${id} (${repo === null ? 'the run' : `${repo}/${path}`})`)
  return [
    block('finding_open', undefined, `${open.length === 1 ? '1 finding is' : `${open.length} findings are`} open: ${nameUpTo5(named)}`, { findings: open }, {
      sentence: 'Read what was found; then settle each, or ask an agent for the changes',
      command: `signalbox review ${run}`,
    }),
  ]
}
