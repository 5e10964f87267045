import * as z from 'zod'

/**
 * What scripts may rely on, written down a second time and by hand: more keys are welcome, these stay. Not taken from the
 * product's own schemas, which would agree with any mistake in them.
 */
const oid = z.string().regex(/^[0-9a-f]{40}$/)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const runId = z.string().regex(/^R\d{4,}$/)
const taskId = z.string().regex(/^T\d{4,}$/)

export const initForm = z.looseObject({ format: z.literal(1), memory: z.string() })

export const repoForm = z.looseObject({ format: z.literal(1), name: z.string(), path: z.string(), baseBranch: z.string(), checks: z.record(z.string(), z.string()) })

export const taskForm = z.looseObject({
  format: z.literal(1),
  id: taskId,
  path: z.string(),
  title: z.string(),
  status: z.string(),
  repos: z.array(z.string()),
  baseBranch: z.union([z.string(), z.record(z.string(), z.string())]).nullable(),
})

export const taskListForm = z.looseObject({ format: z.literal(1), tasks: z.array(taskForm.omit({ format: true })) })

export const contextForm = z.looseObject({
  format: z.literal(1),
  task: taskId,
  hash: sha256,
  tokens: z.int(),
  sections: z.array(z.looseObject({ name: z.string(), items: z.array(z.looseObject({ source: z.string(), reason: z.string(), tokens: z.int() })), empty: z.boolean() })),
  omitted: z.array(z.looseObject({ source: z.string(), reason: z.string(), tokens: z.int() })),
})

export const snapshotForm = z.looseObject({
  id: z.string().regex(/^R\d{4,}\.s\d+$/),
  kind: z.enum(['checkpoint', 'round']),
  complete: z.boolean(),
  digest: sha256,
  repos: z.array(z.looseObject({ repo: z.string(), base: oid, commit: oid, tree: oid, files: z.int(), insertions: z.int(), deletions: z.int() })),
})

export const receiptForm = z.looseObject({ repo: z.string(), name: z.string(), command: z.string(), tree: oid, exitCode: z.int().nullable(), durationMs: z.int() })

const landed = z.array(z.looseObject({ repo: z.string(), branch: z.string(), from: oid, to: oid }))

export const runForm = z.looseObject({
  format: z.literal(1),
  id: runId,
  task: taskId,
  agent: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  isolation: z.enum(['private', 'linked', 'sandbox']),
  repos: z.array(
    z.looseObject({
      repo: z.string(),
      baseBranch: z.string(),
      baseHead: oid,
      source: z.looseObject({ branch: z.string().nullable(), dirty: z.boolean(), paths: z.array(z.string()) }),
    }),
  ),
  snapshots: z.array(snapshotForm),
  handoff: z.string().regex(/^H\d{4,}$/).nullable(),
  merge: z.looseObject({ state: z.string(), repos: landed }),
  // More than the contract asks for, which these tests look at.
  workspace: z.string().nullable(),
  receipts: z.array(receiptForm),
  sources: z.array(z.looseObject({ repo: z.string(), changes: z.array(z.looseObject({ what: z.string(), name: z.string(), before: z.string().nullable(), after: z.string().nullable(), evidence: z.looseObject({ kind: z.string() }).nullable() })) })),
})
export type RunValue = z.infer<typeof runForm>

export const diffForm = z.looseObject({
  format: z.literal(1),
  repos: z.array(z.looseObject({ repo: z.string(), files: z.array(z.looseObject({ path: z.string() })), patch: z.string() })),
})

export const interdiffForm = diffForm.extend({
  snapshot: z.string(),
  since: z.looseObject({ snapshot: z.string(), repos: z.array(z.looseObject({ repo: z.string(), held: z.enum(['both', 'older', 'newer']), moved: z.boolean(), conflicts: z.array(z.string()) })), says: z.array(z.string().min(1)).min(1) }),
})

const counts = { files: z.int(), insertions: z.int(), deletions: z.int() }

export const commitsForm = z.looseObject({
  format: z.literal(1),
  snapshot: z.string(),
  repos: z.array(z.looseObject({ repo: z.string(), commits: z.array(z.looseObject({ oid, subject: z.string(), message: z.string(), author: z.string(), email: z.string(), at: z.string(), committer: z.looseObject({ name: z.string(), email: z.string(), at: z.string() }), ...counts })), rest: z.looseObject(counts).nullable(), unfit: z.string().nullable() })),
})

export const checkForm = z.looseObject({ format: z.literal(1), receipts: z.array(receiptForm) })

const blocker = z.looseObject({
  code: z.string(),
  repo: z.string().optional(),
  message: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
  remedy: z.looseObject({ sentence: z.string().min(1), command: z.string().optional() }),
})
export type BlockerValue = z.infer<typeof blocker>

export const gateForm = z.looseObject({
  format: z.literal(1),
  verdict: z.enum(['mergeable', 'blocked', 'nothing_to_merge']),
  digest: sha256.nullable(),
  repos: z.array(z.looseObject({ repo: z.string() })),
  blockers: z.array(blocker),
})

export const approvalForm = z.looseObject({ format: z.literal(1), approval: z.looseObject({ snapshot: z.string(), digest: sha256, by: z.string(), at: z.string() }) })

export const waiversForm = z.looseObject({ format: z.literal(1), waivers: z.array(z.looseObject({ code: z.string(), repo: z.string().optional(), snapshot: z.string(), digest: sha256, message: z.string(), data: z.looseObject({}), because: z.string(), by: z.string(), at: z.string() })) })

export const mergeForm = z.looseObject({ format: z.literal(1), state: z.enum(['merged', 'undone']), repos: landed })

const pushed = z.looseObject({ repo: z.string(), url: z.string(), target: z.string(), from: oid.nullable(), to: oid, pushed: z.boolean(), pullRequest: z.string().nullable() })

export const pushForm = z.looseObject({ format: z.literal(1), state: z.literal('pushed'), remote: z.string(), branch: z.string(), snapshot: z.string(), repos: z.array(pushed) })

export const handoffForm = z.looseObject({
  format: z.literal(1),
  id: z.string().regex(/^H\d{4,}$/),
  task: taskId,
  run: runId.optional(),
  what: z.string(),
  evidence: z.looseObject({
    changed: z.array(z.looseObject({ repo: z.string(), files: z.array(z.string()) })),
    validation: z.array(z.looseObject({ kind: z.enum(['fact', 'claim']), text: z.string() })),
  }),
  blocker: z.string().nullable(),
  next: z.string(),
})

export const searchForm = z.looseObject({
  format: z.literal(1),
  results: z.array(z.looseObject({ id: z.string(), kind: z.string(), title: z.string(), path: z.string(), snippet: z.string() })),
})

const whyOrigin = z.looseObject({
  landing: z.looseObject({ commit: oid, branch: z.string(), strategy: z.enum(['squash', 'merge', 'keep']), at: z.string(), undone: z.boolean() }),
  approval: z.looseObject({ snapshot: z.string(), digest: sha256, by: z.string(), at: z.string(), genuine: z.boolean() }),
  run: z.looseObject({ id: runId, agent: z.string() }),
  packet: z.looseObject({ path: z.string(), hash: sha256 }).nullable(),
  task: z.looseObject({ id: taskId, title: z.string().nullable(), status: z.string().nullable() }),
})

export const whyForm = z.looseObject({
  format: z.literal(1),
  repo: z.string(),
  path: z.string(),
  line: z.int(),
  text: z.string(),
  commit: z.looseObject({ oid, subject: z.string(), author: z.string(), at: z.string(), path: z.string(), line: z.int() }).nullable(),
  claims: z.looseObject({ run: z.string().nullable() }).nullable(),
  standing: z.enum(['uncommitted', 'no_run', 'unproven', 'pushed', 'landed']),
  because: z.string().min(1),
  origin: whyOrigin.nullable(),
  next: z.string().min(1),
})

export const forecastForm = z.looseObject({
  format: z.literal(1),
  order: z.array(
    z.looseObject({
      run: runId,
      task: taskId,
      snapshot: z.string(),
      standing: z.enum(['approved', 'approvable', 'blocked']),
      because: z.array(z.string()),
      targets: z.array(z.looseObject({ repo: z.string(), branch: z.string(), state: z.enum(['in_place', 'moved', 'conflict', 'missing', 'unknown']), paths: z.array(z.string()), because: z.string().nullable() })),
      lands: z.boolean(),
      refresh: z.boolean(),
      refreshAfter: z.array(runId),
      collisions: z.array(z.looseObject({ after: runId, repo: z.string(), paths: z.array(z.string()), because: z.string().nullable() })),
    }),
  ),
  waiting: z.array(z.looseObject({ run: runId, task: taskId, because: z.string().min(1) })),
})

const errorForm = z.looseObject({ code: z.string(), message: z.string().min(1), hint: z.string().nullable() })

/** Any refusal or fault; a refusal of the gate carries the blockers beside the error. */
export const failureForm = z.looseObject({ error: errorForm, blockers: z.array(blocker).optional() })
export type FailureValue = z.infer<typeof failureForm>

/** A second merge answers with the error and with the result of the first. */
export const alreadyMergedForm = z.looseObject({ error: errorForm, state: z.literal('merged'), repos: landed })

export const serverForm = z.looseObject({ format: z.literal(1), url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/), api: z.string(), pid: z.int() })

/** A start that was refused says where the server is that runs. */
export const serverRunningForm = z.looseObject({ error: errorForm.extend({ code: z.literal('server.running') }), url: z.string(), api: z.string(), pid: z.int() })

export const serverStoppedForm = z.looseObject({ format: z.literal(1), pid: z.int(), stoppedRuns: z.array(z.string()) })

export const tokenForm = z.looseObject({ format: z.literal(1), token: z.string().min(32) })
