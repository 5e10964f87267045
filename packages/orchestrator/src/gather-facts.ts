import {
  baseBranchOf,
  countingReceipts,
  countingWaivers,
  hasCode,
  judgedFinding,
  latestRound,
  openFindings,
  openQuestions,
  receiptsText,
  sayStrayRepos,
  sayUnknown,
  taskRevisionText,
  waiversText,
  withoutDeclared,
  type BranchName,
  type Config,
  type GateFacts,
  type JudgedWaiver,
  type Known,
  type MergeStrategy,
  type MetadataChange,
  type OpenFinding,
  type RepoFacts,
  type Run,
  type RunRepo,
  type Snapshot,
  type SnapshotRepo,
  type Task,
} from '@signalbox/core'
import { isGenuine, isGenuineWaiver, sha256 } from './approval-key.ts'
import { hasWorkspace } from './capture-snapshot.ts'
import { becauseOf, look } from './look.ts'
import { checkoutOf } from './checkout-of.ts'
import { gatherSources } from './compare-sources.ts'
import { gatherKept, hashCommits, readHistories } from './gather-kept.ts'
import type { SourceRef } from './git-ports.ts'
import { findOwnAdvance } from './memory-source.ts'
import { checksOf } from './run-checks.ts'
import { readReview, refuseUnknownFacts } from './review-file.ts'
import { isMadeHere, sayAgainHere } from './made-here.ts'
import { findNewer } from './newer.ts'
import { offScopeOf } from './off-scope.ts'
import { notLooked, scanSecrets } from './scan-secrets.ts'
import type { Services } from './services.ts'

/** Looks at everything the gate judges of a landing by a strategy, in all repos at once, and changes nothing. */
export async function gatherFacts(services: Services, run: Run, strategy: MergeStrategy): Promise<GateFacts> {
  const round = latestRound(run)
  const [task, config] = await Promise.all([look(() => services.memory.read('task', run.task)), look(() => services.memory.readConfig())])
  const [repos, sources, waivers, findings] = await Promise.all([round === undefined ? [] : gatherRepos(services, run, task, { round, strategy }), gatherSources(services, run), judgeWaivers(services, run), look(() => readOpen(services, run))])
  const counted = waiversText(countingWaivers(waivers, round?.digest ?? ''))
  const checks: GateFacts['checks'] = !config.known ? config : { known: true, value: round === undefined ? [] : checksOf(config.value, round) }
  const counting = checks.known && round !== undefined ? countingReceipts(checks.value, run.receipts, round.digest) : []
  const newer = [(await findNewer(services))?.message, sayUnknown(run)].filter((because) => because !== undefined)
  return {
    run: run.id,
    task: run.task,
    here: isMadeHere(services, run),
    sealable: run.packet !== undefined && hasWorkspace(services, run),
    again: sayAgainHere(services, run),
    strategy,
    newer,
    ended: run.state.kind === 'ended',
    settling: settlingOf(services, run),
    merge: run.merge.kind,
    // What takes a landing back closes no task.
    round: round === undefined ? undefined : { ...round, refreshed: run.captured?.id !== round.id && run.takesBack === undefined, missing: round.repos.flatMap((repo) => repo.missing.map((item) => ({ ...item, repo: repo.repo }))) },
    metadata: findMetadata(run, task, config),
    packetHash: run.packet?.hash ?? '',
    questions: openQuestions(run.questions).filter(({ asked }) => asked.kind === 'question').map(({ asked: { id, text } }) => ({ id, text })),
    sources,
    repos,
    checks,
    receipts: run.receipts,
    receiptsHash: sha256(receiptsText(counting)),
    findings,
    approval: run.approval === undefined ? undefined : { value: run.approval, genuine: await isGenuine(services.layout, run.approval) },
    waivers,
    waiversHash: counted === undefined ? undefined : sha256(counted),
    commitsHash: strategy === 'keep' ? hashCommits(repos) : undefined,
    handoff: run.handoff,
    rejection: run.rejection,
    policy: { untracked: config.known ? config.value.policy.untracked : 'all' },
  }
}

async function readOpen(services: Services, run: Run): Promise<readonly OpenFinding[]> {
  const { review } = await readReview(services, run)
  refuseUnknownFacts(review)
  return openFindings(review).map(judgedFinding)
}

/** Where conflicts with moved targets are, or can be, settled. */
function settlingOf({ layout }: Services, { id, isolation, resolving }: Run): GateFacts['settling'] {
  if (resolving?.conflicts !== undefined) return { kind: 'ready', workspace: layout.run(id).workspace }
  return { kind: isolation === 'linked' ? 'impossible' : 'possible' }
}

/** Returns the waivers of a run, each with whether it was given on this machine. */
export function judgeWaivers({ layout }: Services, run: Run): Promise<readonly JudgedWaiver[]> {
  return Promise.all(run.waivers.map(async (value) => ({ value, genuine: await isGenuineWaiver(layout, value) })))
}

/** What a landing would be: of which round, and how. */
interface Landing {
  readonly round: Snapshot
  readonly strategy: MergeStrategy
}

async function gatherRepos(services: Services, run: Run, task: Known<Task>, { round, strategy }: Landing): Promise<readonly RepoFacts[]> {
  const histories = readHistories(services, run, round, strategy)
  const scans = look(async () => scanSecrets(services, run, round, await histories))
  return Promise.all(
    round.repos.map(async (repo) => {
      const [facts, scan, history] = await Promise.all([gatherRepo(services, run, task, repo), scans, histories.then((all) => all.get(repo.repo))])
      const secrets = scan.known ? (scan.value.repos.get(repo.repo) ?? notLooked) : scan
      return { ...facts, secrets, ...(history === undefined ? {} : { kept: await gatherKept(services, task, { saved: repo, history, scan }) }) }
    }),
  )
}

function findMetadata(run: Run, task: Known<Task>, config: Known<Config>): GateFacts['metadata'] {
  if (!task.known) return task
  if (!config.known) return config
  // A scope that is for none of its repos would leave one of them unrestricted that was not meant to be.
  const stray = sayStrayRepos({ ...task.value, baseBranch: undefined })
  if (stray !== undefined) return { known: false, because: `${stray}. Correct ${task.value.path}` }
  // Where it lands is where the landing was that it takes back, whatever its task means by now.
  if (run.takesBack !== undefined) return { known: true, value: { changes: [], taskRevision: sha256(taskRevisionText(task.value)) } }
  const changes: MetadataChange[] = []
  const note = (field: MetadataChange['field'], was: string, now: string): void => {
    if (was !== now) changes.push({ field, was, now })
  }
  const names = (repos: readonly string[]): string => repos.toSorted().join(', ')
  note('repos', names(run.repos.map((repo) => repo.repo)), names(task.value.repos))
  for (const repo of run.repos) note('base_branch', sayBranch(repo, repo.baseBranch), sayBranch(repo, intendedBranch(repo, task.value, config.value)))
  note('scope', sayScope(run.scope ?? undefined), sayScope(task.value.scope))
  return { known: true, value: { changes, taskRevision: sha256(taskRevisionText(task.value)) } }
}

function intendedBranch({ repo, baseBranch }: RunRepo, task: Task, config: Config): BranchName {
  return baseBranchOf(task, repo, config.repos[repo]?.baseBranch ?? baseBranch)
}

function sayBranch({ repo }: RunRepo, branch: BranchName): string {
  return `${branch} in ${repo}`
}

function sayScope(scope: Task['scope']): string {
  if (scope === undefined) return 'unrestricted'
  return Object.entries(scope)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([repo, globs]) => `${repo}: ${globs.join(' ')}`)
    .join('; ')
}

async function gatherRepo(services: Services, run: Run, task: Known<Task>, saved: SnapshotRepo): Promise<Omit<RepoFacts, 'secrets'>> {
  const { repo, base, tree, files, insertions, deletions, commit } = saved
  const branch = run.repos.find((candidate) => candidate.repo === repo)?.baseBranch
  if (branch === undefined) throw new TypeError(`${run.id} has a snapshot of ${repo} but no record of its start`)
  const known = { repo, branch, base, tree, files, insertions, deletions, changed: files > 0 }
  const source = await look(() => services.repoPaths.sourceOf(repo))
  if (!source.known) return { ...known, ...unreachable(source.because) }
  const [target, readable, changedSince, offScope, reverts] = await Promise.all([
    lookAtTarget(services, source.value, branch, saved),
    look(() => services.snapshots.isReadable(source.value, base, commit)),
    look(() => readChangedSince(services, run, saved)),
    look(() => findOffScope(services, source.value, task, saved)),
    look(async () => (files === 0 ? { reverts: [], unseen: [] } : withoutDeclared(run, repo, await services.snapshots.findReverts(source.value, base, commit)))),
  ])
  if ('unreachable' in target) return { ...known, ...unreachable(target.unreachable) }
  const seen = { ...known, reachable: { known: true, value: true }, target, changedSince, reverts } as const
  if (offScope.known) return { ...seen, readable, offScope: offScope.value }
  // A round that is known to be lost says why; of any other, this look is as good.
  return { ...seen, readable: readable.known && !readable.value ? readable : offScope, offScope: [] }
}

function unreachable(because: string): Pick<RepoFacts, 'reachable' | 'target' | 'readable' | 'changedSince' | 'offScope' | 'reverts'> {
  const unknown = { known: false, because } as const
  return { reachable: unknown, target: unknown, readable: unknown, changedSince: unknown, offScope: [], reverts: unknown }
}

async function lookAtTarget(services: Services, source: SourceRef, branch: BranchName, { base, commit }: SnapshotRepo): Promise<RepoFacts['target'] | { readonly unreachable: string }> {
  try {
    const target = await services.sources.readTarget(source, branch, { base, commit })
    if (target.unread !== undefined) return { known: true, value: target }
    const advanced = await findOwnAdvance(services, source, { base, commit }, target.head)
    // Where no path is in both, nothing conflicts, whatever a merge makes of renames.
    return { known: true, value: advanced === undefined ? target : { ...target, advanced, conflicts: [] } }
  } catch (error) {
    const because = becauseOf(error)
    return hasCode(error, 'repo.unreachable') ? { unreachable: because } : { known: false, because }
  }
}

/** A refreshed round was computed, so the workspace is compared with the round that was captured from it. */
async function readChangedSince(services: Services, run: Run, saved: SnapshotRepo): Promise<readonly string[]> {
  const captured = run.captured?.repos.find((repo) => repo.repo === saved.repo) ?? saved
  return services.snapshots.changedSince(await checkoutOf(services, run, saved), captured)
}

async function findOffScope(services: Services, source: SourceRef, task: Known<Task>, { repo, base, commit, files }: SnapshotRepo): Promise<readonly string[]> {
  const isOff = offScopeOf(task, repo)
  if (isOff === undefined || files === 0) return []
  const diff = await services.snapshots.diff(source, base, commit)
  return diff.files.flatMap((file) => [file.path, ...(file.oldPath === null ? [] : [file.oldPath])]).filter(isOff)
}
