import * as z from 'zod'
import type { Known } from './gate-facts.ts'
import { quote } from './quote.ts'
import { branchNameSchema, oidSchema, parseRunId, repoNameSchema, runIdSchema, taskIdSchema, type Oid, type RepoName } from './ids.ts'
import { remoteNameSchema } from './push.ts'
import { taskStatusSchema } from './records.ts'
import { approvalSchema, type LandedRepo, type RunEvent, type RunEventOf } from './run-event.ts'
import { mergeStrategySchema, type MergeStrategy } from './strategy.ts'

/** The line somebody asks about: `path` is absolute, or, with `repo`, relative to where that repo is registered. Lines count from 1. */
export const whyRequestSchema = z.object({ path: z.string().min(1), repo: repoNameSchema.optional(), line: z.int('a line is a whole number').positive('lines count from 1') })
export type WhyRequest = z.input<typeof whyRequestSchema>

/** What the trailers of a commit say. Anyone can write them, so this is a claim; null where one is missing. */
export const commitClaimsSchema = z.object({ task: z.string().nullable(), run: z.string().nullable(), snapshot: z.string().nullable(), approvedBy: z.string().nullable() })
export type CommitClaims = z.infer<typeof commitClaimsSchema>

/** The commit that last touched a line, and where the line was in it. */
const lineCommitSchema = z.object({ oid: oidSchema, subject: z.string(), author: z.string(), at: z.string(), path: z.string(), line: z.int() })

/** How a line came to be. */
export const whySchema = z.object({
  repo: repoNameSchema,
  path: z.string(),
  line: z.int(),
  text: z.string(),
  /** Null while the line is not committed. */
  commit: lineCommitSchema.nullable(),
  /** Null when the commit carries no trailer of ours. */
  claims: commitClaimsSchema.nullable(),
  /** `landed`: a run's own record says that it landed this commit. `pushed`: that it pushed it to a remote, from where somebody brought it here. `unproven`: the trailers say so, the record does not. */
  standing: z.enum(['uncommitted', 'no_run', 'unproven', 'pushed', 'landed']),
  because: z.string(),
  /** From the record of the run; null unless `landed` or `pushed`. */
  origin: z
    .object({
      /** `remote` has the branch it was pushed to; absent of a landing here. */
      landing: z.object({ commit: oidSchema, branch: branchNameSchema, remote: remoteNameSchema.optional(), strategy: mergeStrategySchema, at: z.string(), undone: z.boolean() }),
      /** `genuine`: its seal was made with the key of this machine. */
      approval: z.object({ ...approvalSchema.pick({ snapshot: true, digest: true, carriedFrom: true, commits: true, by: true, at: true }).shape, genuine: z.boolean() }),
      run: z.object({ id: runIdSchema, agent: z.string(), by: z.string() }),
      /** Path in the memory repo. */
      packet: z.object({ path: z.string(), hash: z.string() }).nullable(),
      /** Title and status are null when the task's file cannot be read now. */
      task: z.object({ id: taskIdSchema, title: z.string().nullable(), status: taskStatusSchema.nullable() }),
    })
    .nullable(),
  /** The command that shows more. */
  next: z.string(),
})
export type Why = z.infer<typeof whySchema>

/** What git says of one line of a checkout. */
export interface BlamedLine {
  readonly repo: RepoName
  /** Absolute top of the worktree it was read in. */
  readonly checkout: string
  /** From the top. */
  readonly path: string
  readonly line: number
  readonly text: string
  /** Undefined while the line is not committed. */
  readonly commit: BlamedCommit | undefined
}

export interface BlamedCommit extends z.infer<typeof lineCommitSchema> {
  readonly parents: readonly Oid[]
  /** `Key: value` lines of the message's trailers. */
  readonly trailers: string
}

/** Returns what the trailers of a commit claim; undefined when none of them is ours. Of a trailer given twice the last counts. */
export function parseClaims(trailers: string): CommitClaims | undefined {
  const values = new Map([...trailers.matchAll(/^Signalbox-(Task|Run|Snapshot|Approved-by):[ \t]*(.*?)[ \t]*$/gm)].map(([, key = '', value = '']) => [key, value]))
  if (values.size === 0) return undefined
  const valueOf = (key: string): string | null => values.get(key) ?? null
  return { task: valueOf('Task'), run: valueOf('Run'), snapshot: valueOf('Snapshot'), approvedBy: valueOf('Approved-by') }
}

/** A landing, or a push, as the record of its run tells it. */
export interface RecordedLanding extends Omit<LandedRepo, 'from'> {
  /** Where the branch was before a landing; undefined of a push. */
  readonly from: Oid | undefined
  /** Remote that has the branch it was pushed to; undefined of a landing. */
  readonly remote: string | undefined
  readonly strategy: MergeStrategy
  readonly at: string
  /** The yes it landed on: the last one before it. */
  readonly approval: RunEventOf<'approval.granted'>['data']['approval'] | undefined
  readonly undone: boolean
}

/** Returns every landing of a run in one repo, undone ones too, oldest first. */
export function landingsIn(events: readonly RunEvent[], repo: RepoName): readonly RecordedLanding[] {
  return events.flatMap((event, index) => {
    const landed = event.type === 'merge.published' ? event.data.repos.find((one) => one.repo === repo) : undefined
    if (event.type !== 'merge.published' || landed === undefined) return []
    const yes = events.slice(0, index).findLast((earlier) => earlier.type === 'approval.granted')
    return [{ ...landed, remote: undefined, strategy: event.data.strategy, at: event.at, approval: yes?.data.approval, undone: events.slice(index).some(({ type }) => type === 'merge.undone') }]
  })
}

/** Returns every push of a run of one repo that its remote was seen to have, oldest first. */
export function pushesIn(events: readonly RunEvent[], repo: RepoName): readonly RecordedLanding[] {
  return events.flatMap((event, index) => {
    if (event.type !== 'branch.pushed' || event.data.repo !== repo) return []
    const { remote, branch, to } = event.data
    const earlier = events.slice(0, index)
    const started = earlier.findLast((one) => one.type === 'push.started' && one.data.remote === remote && one.data.branch === branch && one.data.repos.some((move) => move.repo === repo && move.to === to))
    if (started?.type !== 'push.started') return []
    const { strategy, approval: seal } = started.data
    const yes = earlier.findLast((one) => one.type === 'approval.granted' && one.data.approval.seal === seal)
    return [{ repo, branch, remote, from: undefined, to, strategy, at: event.at, approval: yes?.type === 'approval.granted' ? yes.data.approval : undefined, undone: false }]
  })
}

/** Returns the landing of a run that kept just this commit of its agent in a repo: such a commit carries no trailer of ours, so only the record knows. */
export function findKeeping(events: readonly RunEvent[], repo: RepoName, commit: Oid): RecordedLanding | undefined {
  return landingsIn(events, repo).findLast(({ commits }) => commits?.includes(commit))
}

/** What is known of a commit that claims to be ours. */
export interface ClaimFacts {
  readonly repo: RepoName
  readonly commit: Pick<BlamedCommit, 'oid' | 'parents'>
  readonly claims: CommitClaims
  /** The named run's own record. */
  readonly events: Known<readonly RunEvent[]>
  /** Parents of the landed or pushed merge commits, by their id; one that could not be read is absent. */
  readonly parentsOf: Readonly<Record<string, readonly Oid[]>>
}

/** Verifies what a commit claims against the record of the run: the landing or push it came by, or in a sentence why the claim does not hold. */
export function verifyClaims({ repo, commit, claims, events, parentsOf }: ClaimFacts): { readonly landing: RecordedLanding } | { readonly because: string } {
  const run = parseRunId(claims.run)
  if (run === undefined) return { because: claims.run === null ? 'Its trailers name no run' : 'Its trailers name no run that could exist' }
  if (!events.known) return { because: `The record of ${run} could not be read: ${events.because}` }
  const landings = [...pushesIn(events.value, repo), ...landingsIn(events.value, repo)]
  const landing = landings.findLast((one) => one.to === commit.oid || isSecondParent(one, commit, parentsOf))
  if (landing === undefined) {
    const last = landings.at(-1)
    return { because: last === undefined ? `${run} landed nothing in ${repo}` : `${run} ${last.remote === undefined ? 'landed' : 'pushed'} ${last.to.slice(0, 10)} in ${repo}, and not this commit: somebody rewrote it, copied it, or wrote the trailers` }
  }
  const differences = [
    differs('task', claims.task, events.value[0]?.task),
    differs('snapshot', claims.snapshot, landing.approval?.snapshot),
    differs('approval', claims.approvedBy, landing.approval?.by),
  ].filter((text) => text !== '')
  return differences.length === 0 ? { landing } : { because: `The record of ${run} says otherwise: ${differences.join('; ')}` }
}

/** Of a merge commit of ours git blames the second parent: the synthesized commit that holds the change on the same base. */
function isSecondParent({ strategy, from, to }: RecordedLanding, commit: ClaimFacts['commit'], parentsOf: ClaimFacts['parentsOf']): boolean {
  const [first, second] = parentsOf[to] ?? []
  return strategy === 'merge' && second === commit.oid && first === (from ?? first) && commit.parents.length === 1 && commit.parents[0] === first
}

function differs(what: string, claimed: string | null, recorded: string | undefined): string {
  return claimed === recorded ? '' : `its ${what} is ${recorded ?? 'not recorded'}, the trailer says ${claimed ?? 'nothing'}`
}

/** Returns the command that shows more of a line which no run of ours is known to have made. */
export function nextOfLine({ checkout, path, commit }: Pick<BlamedLine, 'checkout' | 'path' | 'commit'>): string {
  const git = `git -C ${quote(checkout)}`
  return commit === undefined ? `${git} diff HEAD -- ${quote(path)}` : `${git} show ${commit.oid.slice(0, 10)}`
}
