import * as z from 'zod'

/**
 * Ids are a kind's letter and at least four digits (`E` three), never reused.
 * They are branded: holding one proves that its text was checked at the door.
 */
export const taskIdSchema = z.string().regex(/^T\d{4,}$/, 'a task id looks like T0147').brand<'TaskId'>()
export const effortIdSchema = z.string().regex(/^E\d{3,}$/, 'an effort id looks like E012').brand<'EffortId'>()
export const decisionIdSchema = z.string().regex(/^D\d{4,}$/, 'a decision id looks like D0031').brand<'DecisionId'>()
export const noteIdSchema = z.string().regex(/^N\d{4,}$/, 'a note id looks like N0088').brand<'NoteId'>()
export const handoffIdSchema = z.string().regex(/^H\d{4,}$/, 'a handoff id looks like H0061').brand<'HandoffId'>()
export const runIdSchema = z.string().regex(/^R\d{4,}$/, 'a run id looks like R0031').brand<'RunId'>()
export const snapshotIdSchema = z.string().regex(/^R\d{4,}\.s[1-9]\d*$/, 'a snapshot id looks like R0031.s3').brand<'SnapshotId'>()

/** Counts up within a run: `F1`, `F2`, …. */
export const findingIdSchema = z.string().regex(/^F[1-9]\d*$/, 'a finding id looks like F1').brand<'FindingId'>()

export type TaskId = z.infer<typeof taskIdSchema>
export type EffortId = z.infer<typeof effortIdSchema>
export type DecisionId = z.infer<typeof decisionIdSchema>
export type NoteId = z.infer<typeof noteIdSchema>
export type HandoffId = z.infer<typeof handoffIdSchema>
export type RunId = z.infer<typeof runIdSchema>
export type SnapshotId = z.infer<typeof snapshotIdSchema>
export type FindingId = z.infer<typeof findingIdSchema>

/**
 * Name of a registered repo: also a folder and ref name of ours, hence the narrow alphabet. Maps are keyed by it, and
 * every JavaScript object already answers to `constructor`, so that one name is refused.
 */
export const repoNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a repo name is 1 to 64 of a-z, 0-9 and -, and starts with a letter or digit')
  .refine((text) => text !== 'constructor', 'a repo cannot be named constructor')
  .brand<'RepoName'>()
export type RepoName = z.infer<typeof repoNameSchema>

/** The repos that something is about, each once: to name one twice says nothing more. */
export const repoNamesSchema = z.array(repoNameSchema).overwrite((names) => [...new Set(names)])

/** Full object id: 40 (SHA-1) or 64 (SHA-256) hex digits. */
export const oidSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'an object id is 40 or 64 hex digits').brand<'Oid'>()
export type Oid = z.infer<typeof oidSchema>

/** Short branch name (`main`, `release/2`) by the rules of git-check-ref-format, without a leading dash. */
export const branchNameSchema = z
  .string()
  .min(1)
  .max(250)
  .refine(isBranchName, 'not a valid branch name')
  .brand<'BranchName'>()
export type BranchName = z.infer<typeof branchNameSchema>

// oxlint-disable-next-line no-control-regex -- control bytes are exactly what git forbids in a ref
const forbiddenInRef = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|(^|\/)\./

function isBranchName(text: string): boolean {
  return !forbiddenInRef.test(text) && !/^[-/]|[/.]$/.test(text) && text !== '@' && text !== 'HEAD'
}

function parserOf<S extends z.ZodType>(schema: S): (text: unknown) => z.output<S> | undefined {
  return (text) => {
    const result = schema.safeParse(text)
    return result.success ? result.data : undefined
  }
}

/** Reads a task id such as `T0147`; `undefined` when the text is not one. */
export const parseTaskId = parserOf(taskIdSchema)
/** Reads a run id such as `R0031`; `undefined` when the text is not one. */
export const parseRunId = parserOf(runIdSchema)
/** Reads a repo name such as `api`; `undefined` when the text is not one. */
export const parseRepoName = parserOf(repoNameSchema)
/** Reads a full object id; `undefined` when the text is not one. */
export const parseOid = parserOf(oidSchema)
/** Reads a short branch name; `undefined` when git would refuse it. */
export const parseBranchName = parserOf(branchNameSchema)
/** Reads a snapshot id such as `R0031.s3`; `undefined` when the text is not one. */
export const parseSnapshotId = parserOf(snapshotIdSchema)

/** Reads the id of a finding such as `F1`; `undefined` when the text is not one. */
export const parseFindingId = parserOf(findingIdSchema)

/** Names snapshot `number` (1, 2, …; checkpoints count too) of a run: `R0031.s3`. */
export function snapshotIdOf(run: RunId, number: number): SnapshotId {
  return snapshotIdSchema.parse(`${run}.s${number}`)
}

/** Returns the number in the id of a snapshot: 3 of `R0031.s3`. */
export function snapshotNumber(id: SnapshotId): number {
  return Number(id.slice(id.indexOf('.s') + 2))
}

/** Names the branch of a run: where its agent finds itself, and where its round is pushed unless another one is named. */
export function runBranch(run: RunId): BranchName {
  return branchNameSchema.parse(`signalbox/${run.toLowerCase()}`)
}

/** Splits `R0031` or `R0031.s3` into run and snapshot number; `undefined` when the text is neither. */
export function parseRunOrSnapshot(text: string): { readonly run: RunId; readonly round: number | undefined } | undefined {
  const [runText = '', roundText] = text.split('.s')
  const run = parseRunId(runText)
  if (run === undefined) return undefined
  if (roundText === undefined) return text === runText ? { run, round: undefined } : undefined
  return parseSnapshotId(text) === undefined ? undefined : { run, round: Number(roundText) }
}
