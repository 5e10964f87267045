import { createHash } from 'node:crypto'

/** Paths of a tree and the blob id of each. */
export type Files = ReadonlyMap<string, string>

export type Branch = 'main' | 'side'

/** A source repository as its human knows it. */
export interface RepoModel {
  readonly branches: Record<Branch, { oid: string; files: Files }>
  on: Branch
  /** What lies in the checkout, ignored files too. */
  work: Files
}

/** A round: per repo the base it is on, and what is in it. */
export interface RoundModel {
  readonly digest: string
  readonly repos: Readonly<Record<string, { readonly base: string; readonly baseFiles: Files; readonly files: Files }>>
  checked: boolean
  readonly waived: Set<string>
}

export interface RunModel {
  readonly id: string
  readonly task: string
  readonly rounds: RoundModel[]
  /** What lies in the workspace, by repo, and what the last captured round holds of it; undefined once it was cleaned away. */
  workspace: Record<string, Files> | undefined
  captured: Readonly<Record<string, Files>>
  approval: { readonly round: RoundModel; readonly heads: Readonly<Record<string, string>>; readonly checked: boolean; readonly waived: number } | undefined
  rejected: boolean
  /** Targets as they were before the landing and after it. */
  landed: { readonly repos: Readonly<Record<string, { readonly from: RepoModel['branches']['main']; readonly to: string }>>; undone: boolean } | undefined
}

export interface Model {
  readonly repos: Record<string, RepoModel>
  /** Tasks with the repos they name, oldest first. */
  readonly tasks: { readonly id: string; readonly repos: readonly string[] }[]
  readonly runs: RunModel[]
  /** How often what happened, over all sequences. */
  readonly seen: Map<string, number>
}

/** Ignored in both sources, where the human of one keeps a file of that name. */
export const ignoredPath = 'local.cfg'
/** The check of one source fails on a tree that has it. */
export const brokenPath = 'broken.txt'
export const checkedRepo = 'api'
export const checkName = 'whole'

/** Blockers that let an approval be given, and of those the ones that an approval takes away. */
const approvalCodes = ['approval_missing', 'approval_stale']
const mergeOnly = new Set([...approvalCodes, 'target_dirty', 'target_busy'])

export function count({ seen }: Model, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

export function blobId(content: string): string {
  return createHash('sha1').update(`blob ${Buffer.byteLength(content)}\0${content}`).digest('hex')
}

export function latest(run: RunModel): RoundModel | undefined {
  return run.rounds.at(-1)
}

/** Paths in which two trees differ. */
export function differing(one: Files, other: Files): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path)).toSorted()
}

export function changedRepos(round: RoundModel): readonly string[] {
  return Object.entries(round.repos).flatMap(([repo, { baseFiles, files }]) => (differing(baseFiles, files).length > 0 ? [repo] : []))
}

/** A change of whole files on other files; undefined where both sides changed one of them differently. */
export function carryOver(baseFiles: Files, files: Files, onto: Files): Files | undefined {
  const result = new Map(onto)
  for (const path of differing(baseFiles, files)) {
    const wanted = files.get(path)
    if (onto.get(path) !== baseFiles.get(path) && onto.get(path) !== wanted) return undefined
    put(result, path, wanted)
  }
  return result
}

export function put(files: Map<string, string>, path: string, id: string | undefined): void {
  if (id === undefined) files.delete(path)
  else files.set(path, id)
}

/** Whether a checkout has changes of its own; an ignored file that git does not track is none. */
export function isDirty({ branches, on, work }: RepoModel): boolean {
  const tracked = branches[on].files
  return differing(tracked, work).some((path) => path !== ignoredPath || tracked.has(path))
}

/** The codes with which the gate has to answer; codes of what is not modelled (work taken back) may be beside them. */
export function predictBlockers(model: Model, run: RunModel): readonly string[] {
  const round = latest(run)
  if (round === undefined) return ['snapshot_missing']
  if (run.landed?.undone === false) return ['nothing_changed']
  const changed = changedRepos(round)
  if (changed.length === 0) return ['nothing_changed']
  const codes = new Set<string>()
  const { workspace, captured } = run
  if (workspace !== undefined && Object.entries(workspace).some(([repo, files]) => differing(files, captured[repo] ?? new Map()).length > 0)) codes.add('snapshot_stale')
  for (const repo of changed) for (const code of predictTarget(model, round, repo)) codes.add(code)
  const check = changed.includes(checkedRepo) ? predictCheck(run, round) : undefined
  if (check !== undefined && !round.waived.has(check)) codes.add(check)
  const approval = predictApproval(model, run, round, changed)
  if (approval !== undefined) codes.add(approval)
  return [...codes].toSorted()
}

function predictTarget(model: Model, round: RoundModel, name: string): readonly string[] {
  const repo = model.repos[name]
  const saved = round.repos[name]
  if (repo === undefined || saved === undefined) throw new TypeError(`no repo ${name}`)
  const { main } = repo.branches
  const codes: string[] = []
  if (main.oid !== saved.base) codes.push('target_moved')
  if (carryOver(saved.baseFiles, saved.files, main.files) === undefined) codes.push('merge_conflict')
  const inTheWay = repo.work.has(ignoredPath) && saved.files.has(ignoredPath) && !saved.baseFiles.has(ignoredPath)
  if (repo.on === 'main' && (isDirty(repo) || inTheWay)) codes.push('target_dirty')
  return codes
}

function predictCheck(run: RunModel, round: RoundModel): string | undefined {
  if (!round.checked) return run.rounds.some(({ checked }) => checked) ? 'checks_stale' : 'checks_missing'
  const files = round.repos[checkedRepo]?.files ?? new Map()
  return files.has(brokenPath) ? 'checks_failed' : undefined
}

function predictApproval({ repos }: Model, { approval }: RunModel, round: RoundModel, changed: readonly string[]): string | undefined {
  if (approval === undefined) return 'approval_missing'
  const holds = approval.round === round && approval.checked === round.checked && approval.waived === round.waived.size && changed.every((repo) => approval.heads[repo] === repos[repo]?.branches.main.oid)
  return holds ? undefined : 'approval_stale'
}

/** What of these codes stops an approval, or a merge that may approve first. */
export function stopping(codes: readonly string[], act: 'approve' | 'merge' | 'approve and merge'): readonly string[] {
  if (act === 'approve') return codes.filter((code) => !mergeOnly.has(code))
  return act === 'merge' ? codes : codes.filter((code) => !approvalCodes.includes(code))
}
