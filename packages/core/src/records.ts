import * as z from 'zod'
import {
  branchNameSchema,
  decisionIdSchema,
  effortIdSchema,
  handoffIdSchema,
  noteIdSchema,
  oidSchema,
  repoNameSchema,
  repoNamesSchema,
  runIdSchema,
  taskIdSchema,
  type BranchName,
  type RepoName,
} from './ids.ts'

/** The kinds of record that are one Markdown file each. */
export const recordKinds = ['task', 'effort', 'decision', 'note', 'handoff'] as const
export type RecordKind = (typeof recordKinds)[number]

/** Folder, id letter and least number of digits of each kind. */
export const recordLayout = {
  task: { folder: 'tasks', letter: 'T', digits: 4 },
  effort: { folder: 'efforts', letter: 'E', digits: 3 },
  decision: { folder: 'decisions', letter: 'D', digits: 4 },
  note: { folder: 'notes', letter: 'N', digits: 4 },
  handoff: { folder: 'handoffs', letter: 'H', digits: 4 },
} as const satisfies Record<RecordKind, { folder: string; letter: string; digits: number }>

export const taskStatuses = ['draft', 'ready', 'active', 'review', 'blocked', 'done', 'dropped'] as const
export const taskStatusSchema = z.enum(taskStatuses)
export type TaskStatus = z.infer<typeof taskStatusSchema>

/** Globs per repo that a task's changes must stay within. A repo without an entry is not restricted. */
export const scopeSchema = z.record(repoNameSchema, z.array(z.string().min(1)))
export type Scope = z.infer<typeof scopeSchema>

/** What a task means to land on: one branch for all repos, or one per repo; absent = each repo's registered default. */
export const baseBranchSchema = z.union([branchNameSchema, z.record(repoNameSchema, branchNameSchema)])
export type BaseBranch = z.infer<typeof baseBranchSchema>

/** Where a record's file is and which bytes were read: `hash` is the condition of the next write. */
const fileSchema = z.object({
  /** Path inside the memory repo, with forward slashes. */
  path: z.string(),
  /** sha256 of the file's bytes, hex. */
  hash: z.string(),
  /** Markdown below the front matter, byte for byte. */
  body: z.string(),
})

const linksSchema = z.array(z.string()).default([])

/** Front matter of a task in camelCase. Required in the file: `id`, `title`, `status`. */
export const taskFieldsSchema = z.object({
  id: taskIdSchema,
  title: z.string().min(1),
  status: taskStatusSchema,
  baseBranch: baseBranchSchema.optional(),
  repos: repoNamesSchema.default([]),
  effort: effortIdSchema.optional(),
  dependsOn: z.array(taskIdSchema).default([]),
  /** 1 highest … 4. */
  priority: z.int().min(1).max(4).default(3),
  labels: z.array(z.string()).default([]),
  scope: scopeSchema.optional(),
  links: linksSchema,
  aliases: z.array(z.string()).default([]),
})

export const effortFieldsSchema = z.object({
  id: effortIdSchema,
  title: z.string().min(1),
  status: z.enum(['active', 'paused', 'done', 'dropped']).default('active'),
  repos: repoNamesSchema.default([]),
  links: linksSchema,
})

export const decisionFieldsSchema = z.object({
  id: decisionIdSchema,
  title: z.string().min(1),
  status: z.enum(['proposed', 'accepted', 'superseded', 'rejected']).default('accepted'),
  /** Calendar day the choice was made, `2026-11-22`. */
  date: z.string().optional(),
  repos: repoNamesSchema.default([]),
  effort: effortIdSchema.optional(),
  links: linksSchema,
})

export const noteFieldsSchema = z.object({
  id: noteIdSchema,
  title: z.string().min(1),
  repos: repoNamesSchema.default([]),
  effort: effortIdSchema.optional(),
  links: linksSchema,
})

/** One changed repo of a handoff: counts are facts by us, `reason` is the author's. */
export const handoffChangeSchema = z.object({
  repo: repoNameSchema,
  files: z.array(z.string()),
  insertions: z.int().nonnegative(),
  deletions: z.int().nonnegative(),
  reason: z.string().optional(),
})

/** One line of validation. `fact`: we ran it and hold the receipt. `claim`: somebody says so. */
export const handoffValidationSchema = z.object({
  kind: z.enum(['fact', 'claim']),
  text: z.string(),
  repo: repoNameSchema.optional(),
  command: z.string().optional(),
  exitCode: z.int().nullable().optional(),
})

/** One blocker that a human waived for the round a handoff is about. */
export const handoffWaivedSchema = z.object({ code: z.string(), repo: repoNameSchema.optional(), because: z.string(), by: z.string() })

/** One branch of a remote that the round of a handoff was pushed to. */
export const handoffPushedSchema = z.object({ repo: repoNameSchema, remote: z.string(), branch: branchNameSchema, commit: oidSchema, pullRequest: z.string().optional() })

/** A file that the round a handoff is about leaves out, and which snapshot has it; `hunks` where only some of them are left out. */
export const handoffLeftOutSchema = z.object({ repo: repoNameSchema, path: z.string(), hunks: z.array(z.int()).optional(), from: z.string() })

const handoffPathSchema = z.object({ repo: repoNameSchema, path: z.string() })

/** What changed, evidence, blocker, next: left by every end of a run. */
export const handoffFieldsSchema = z.object({
  id: handoffIdSchema,
  task: taskIdSchema,
  run: runIdSchema.optional(),
  /** ISO 8601 UTC instant. */
  at: z.string(),
  by: z.string(),
  what: z.string(),
  evidence: z.object({
    changed: z.array(handoffChangeSchema).default([]),
    validation: z.array(handoffValidationSchema).default([]),
    /** Absent when nothing was waived. */
    waived: z.array(handoffWaivedSchema).optional(),
    /** Absent when nothing was pushed. */
    pushed: z.array(handoffPushedSchema).optional(),
    /** What the agent says it changed and did not, and changed and does not say; absent where both agree, or it says nothing. */
    claimed: z.object({ absent: z.array(handoffPathSchema), unclaimed: z.array(handoffPathSchema), outside: z.array(z.string()) }).optional(),
    /** Absent when nothing was left out. */
    leftOut: z.array(handoffLeftOutSchema).optional(),
  }),
  blocker: z.string().nullable().default(null),
  next: z.string(),
})

export const taskSchema = z.object({ ...taskFieldsSchema.shape, ...fileSchema.shape })
export const effortSchema = z.object({ ...effortFieldsSchema.shape, ...fileSchema.shape })
export const decisionSchema = z.object({ ...decisionFieldsSchema.shape, ...fileSchema.shape })
export const noteSchema = z.object({ ...noteFieldsSchema.shape, ...fileSchema.shape })
export const handoffSchema = z.object({ ...handoffFieldsSchema.shape, ...fileSchema.shape })

export type Task = z.infer<typeof taskSchema>
export type Effort = z.infer<typeof effortSchema>
export type Decision = z.infer<typeof decisionSchema>
export type Note = z.infer<typeof noteSchema>
export type Handoff = z.infer<typeof handoffSchema>

/** The record type of each kind. */
export interface RecordOf {
  readonly task: Task
  readonly effort: Effort
  readonly decision: Decision
  readonly note: Note
  readonly handoff: Handoff
}

/** Front matter schema of each kind. */
export const fieldsSchemas = {
  task: taskFieldsSchema,
  effort: effortFieldsSchema,
  decision: decisionFieldsSchema,
  note: noteFieldsSchema,
  handoff: handoffFieldsSchema,
} as const satisfies Record<RecordKind, z.ZodType>

/** A file that could not be read as a record: listed, never skipped silently, never rewritten. */
export const quarantinedSchema = z.object({
  path: z.string(),
  /** 1-based line of the trouble; null when it concerns the whole file. */
  line: z.int().nullable(),
  reason: z.string(),
  /** The next action; absent where there is nothing to do but to repair the file. */
  remedy: z.string().optional(),
})
export type Quarantined = z.infer<typeof quarantinedSchema>

/** Returns the branch a task means to land on in `repo`, given the repo's registered default. */
export function baseBranchOf(task: Pick<Task, 'baseBranch'>, repo: RepoName, registered: BranchName): BranchName {
  if (task.baseBranch === undefined) return registered
  return typeof task.baseBranch === 'string' ? task.baseBranch : (task.baseBranch[repo] ?? registered)
}

/**
 * Finds the state of task list items, in quotes and nested lists too; `- [x](url)` is a link.
 * Blanks are matched within one line: `\s` would take quadratic time over a body of empty lines.
 */
const checkbox = /^([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t>]+)+\[)[xX ](?=\](?:\s|$))/gm

/**
 * Returns the text whose sha256 is the task revision: what an approval was given under.
 * Ticking a checkbox is progress, not another task, so checkbox state is left out.
 */
export function taskRevisionText(task: Pick<Task, 'title' | 'baseBranch' | 'repos' | 'scope' | 'body'>): string {
  const baseBranch = typeof task.baseBranch === 'object' ? sortedEntries(task.baseBranch) : (task.baseBranch ?? null)
  const scope = task.scope === undefined ? null : sortedEntries(task.scope)
  const body = task.body.replace(checkbox, '$1 ')
  return JSON.stringify([task.title, baseBranch, task.repos, scope, body])
}

function sortedEntries(map: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
