import type { AgentHistory } from './agent-history.ts'
import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { block, type Blocker, type GateReport } from './gate-report.ts'
import type { SecretScan } from './gate-secrets.ts'
import type { Oid } from './ids.ts'

/** What one commit does by itself, which the round as a whole need not show: what a later one takes back is in the history all the same. */
export interface StepFacts {
  /** Null for what the round has beyond the last commit. */
  readonly commit: Oid | null
  /** Paths it touches outside the task's declared globs. */
  readonly offScope: readonly string[]
  /** Credentials in the lines it adds, its message among them. */
  readonly secrets: SecretScan
}

/** What is known of the agent's commits in one repo. */
export interface KeptFacts {
  readonly history: AgentHistory
  readonly steps: readonly StepFacts[]
}

/** Returns what one changed repo has against landing the agent's own commits, beside what speaks against the change as a whole. */
export function findKeepBlockers({ run, strategy }: GateFacts, { repo, branch, kept, target }: RepoFacts): Blocker[] {
  if (strategy !== 'keep') return []
  if (kept === undefined || !kept.known) {
    const because = kept?.known === false ? kept.because : 'nobody looked'
    return [block('facts_unavailable', repo, `The agent's commits in ${repo} could not be looked at: ${because}`, { because }, { sentence: 'Clear the cause and ask again', command: `signalbox gate ${run} --strategy keep` })]
  }
  const asOne = { sentence: 'Land the change as one commit instead', command: `signalbox approve ${run} --strategy squash` }
  const { history } = kept.value
  if (history.kind === 'unfit') return [block('commits_unfit', repo, `The agent's commits in ${repo} cannot land as they are: ${history.because}`, { because: history.because }, asOne)]
  if (target.known && target.value.advanced !== undefined) {
    const because = `records of ours took ${branch} further than their base`
    return [block('commits_unfit', repo, `The agent's commits in ${repo} cannot land as they are: ${because}`, { because }, asOne)]
  }
  return []
}

/** Returns what each commit of a repo does by itself; nothing unless a landing is to keep them and all of them is known. */
export function stepsOf({ strategy }: Pick<GateFacts, 'strategy'>, { kept }: Pick<RepoFacts, 'kept'>): readonly StepFacts[] {
  return strategy === 'keep' && kept?.known === true ? kept.value.steps : []
}

/** Names a commit, or what is in none: `1a2b3c4d5e`. */
export function sayStep(commit: Oid | null): string {
  return commit === null ? 'what was not committed' : commit.slice(0, 10)
}

/** Says which commits a landing would keep; undefined for one that keeps none. */
export function reportKept({ strategy, commitsHash, repos }: GateFacts): GateReport['kept'] {
  if (strategy !== 'keep') return undefined
  const kept = repos.flatMap(({ repo, changed, kept: facts }) => {
    const history = changed && facts?.known === true ? facts.value.history : undefined
    return history?.kind === 'linear' ? [{ repo, commits: history.commits.map(({ oid }) => oid), rest: history.rest !== null || history.commits.length === 0 }] : []
  })
  return { digest: commitsHash ?? null, repos: kept }
}
