import {
  approvalRequestSchema,
  approvalSchema,
  changesRequestSchema,
  commentRequestSchema,
  findingViewSchema,
  gateReportSchema,
  mergeRequestSchema,
  mergeResultSchema,
  mergeStrategySchema,
  pushRequestSchema,
  pushResultSchema,
  reasonSchema,
  refreshRequestSchema,
  receiptSchema,
  repoNameSchema,
  runCommitsSchema,
  runDiffSchema,
  runIdSchema,
  runViewSchema,
  snapshotIdSchema,
  undoRequestSchema,
  waiverRequestSchema,
  waiverSchema,
  type HumanFace,
} from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, named, optionalBody, params, wholeNumber } from './route-parts.ts'

const tags = ['review']
const commitName = z.union([z.string().regex(/^[0-9a-fA-F]{4,64}$/, 'a commit is named by at least four digits of its id'), z.literal('rest')])
const run = named('Run', runViewSchema)
const request = { params: params.run }
const query = z.object({
  repo: repoNameSchema.optional(),
  since: wholeNumber.optional().openapi({ description: 'Number of an older snapshot: only what the author changed since' }),
  commit: commitName.optional().openapi({ description: 'Only what one commit of the agent changed, by the beginning of its id, or `rest` for what is in none' }),
})
const diff = answer(named('Diff', runDiffSchema), 'The saved diff against its base or, with `since`, against an older snapshot, per repo')
const merged = answer(named('MergeResult', mergeResultSchema), 'What moved, per repo')

const latestDiff = createRoute({ method: 'get', path: '/runs/{id}/diff', tags, summary: 'Read the diff of the latest round', request: { ...request, query }, responses: diff })
const roundDiff = createRoute({
  method: 'get',
  path: '/runs/{id}/snapshots/{n}/diff',
  tags,
  summary: 'Read the diff of one snapshot',
  request: { params: z.object({ id: runIdSchema, n: wholeNumber }), query },
  responses: diff,
})
const commits = answer(named('RunCommits', runCommitsSchema), "The agent's own commits that led to it, oldest first, per repo")
const latestCommits = createRoute({ method: 'get', path: '/runs/{id}/commits', tags, summary: "Read the agent's own commits that led to the latest round", request, responses: commits })
const roundCommits = createRoute({
  method: 'get',
  path: '/runs/{id}/snapshots/{n}/commits',
  tags,
  summary: "Read the agent's own commits that led to one snapshot",
  request: { params: z.object({ id: runIdSchema, n: wholeNumber }) },
  responses: commits,
})
const check = createRoute({
  method: 'post',
  path: '/runs/{id}/check',
  tags,
  summary: 'Run all configured checks on the latest round',
  request,
  responses: answer(z.object({ receipts: z.array(named('Receipt', receiptSchema)).readonly() }), 'One receipt per check'),
})
const gate = createRoute({ method: 'get', path: '/runs/{id}/gate', tags, summary: 'Say whether the run may be merged, and every reason why not', request: { ...request, query: z.object({ strategy: mergeStrategySchema.optional().openapi({ description: 'How it is to land; as it was approved when absent. `keep` judges each of the agent\'s commits as well' }) }) }, responses: answer(named('GateReport', gateReportSchema), 'The verdict') })
const waive = createRoute({
  method: 'post',
  path: '/runs/{id}/waive',
  tags,
  summary: 'Let what blocks under one code not block the latest round, with a reason',
  request: { ...request, body: body(waiverRequestSchema) },
  responses: answer(z.object({ waivers: z.array(named('Waiver', waiverSchema)).readonly() }), 'What was waived, each with what it covers'),
})
const finding = named('Finding', findingViewSchema)
const findings = createRoute({
  method: 'get',
  path: '/runs/{id}/findings',
  tags,
  summary: 'List what reviewers found, each where it lies in the latest round',
  request,
  responses: answer(z.object({ snapshot: snapshotIdSchema.nullable(), findings: z.array(finding).readonly() }), 'Findings, settled ones too'),
})
const comment = createRoute({
  method: 'post',
  path: '/runs/{id}/comments',
  tags,
  summary: 'Open a finding on lines, a file or the run, reply to one, or say what became of it',
  request: { ...request, body: body(commentRequestSchema) },
  responses: answer(z.object({ finding }), 'The finding'),
})
const requestChanges = createRoute({
  method: 'post',
  path: '/runs/{id}/request-changes',
  tags,
  summary: 'Send the open findings to an agent: the run goes on, or with an agent named a new one begins with the latest round',
  request: { ...request, body: optionalBody(changesRequestSchema) },
  responses: answer(run, 'The run that is at work'),
})
const approve = createRoute({
  method: 'post',
  path: '/runs/{id}/approve',
  tags,
  summary: 'Approve one exact round',
  request: { ...request, body: body(approvalRequestSchema) },
  responses: answer(z.object({ approval: named('Approval', approvalSchema) }), 'The approval and what it binds'),
})
const merge = createRoute({ method: 'post', path: '/runs/{id}/merge', tags, summary: 'Land an approved round in all its repos, or in none; with refresh also where targets moved since and the change stays the same', request: { ...request, body: body(mergeRequestSchema) }, responses: merged })
const push = createRoute({
  method: 'post',
  path: '/runs/{id}/push',
  tags,
  summary: 'Push an approved round to a branch of a remote, and open pull requests',
  request: { ...request, body: body(pushRequestSchema) },
  responses: answer(named('PushResult', pushResultSchema), 'What is where, per repo'),
})
const refresh = createRoute({ method: 'post', path: '/runs/{id}/refresh', tags, summary: 'Compute the latest round on the moved targets, or prepare the workspace where that conflicts', request: { ...request, body: optionalBody(refreshRequestSchema) }, responses: answer(run, 'The run with its new round, or with what is to be settled') })
const reject = createRoute({ method: 'post', path: '/runs/{id}/reject', tags, summary: 'Turn a run down', request: { ...request, body: body(reasonSchema) }, responses: answer(run, 'The run') })
const undo = createRoute({ method: 'post', path: '/runs/{id}/undo', tags, summary: 'Take a landing back where nothing was built on top, or make a run that takes it back', request: { ...request, body: optionalBody(undoRequestSchema) }, responses: merged })

/** A route that reads the review of a run: a human's, and its agent has it too. */
export const findingsRoute = findings

/** Returns the routes that judge a run: its diff, checks, gate, approval and merge. */
export function reviewRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(latestDiff, async (c) => c.json(await human.diff(c.req.valid('param').id, c.req.valid('query')), 200))
    .openapi(roundDiff, async (c) => c.json(await human.diff(c.req.valid('param').id, { ...c.req.valid('query'), round: c.req.valid('param').n }), 200))
    .openapi(latestCommits, async (c) => c.json(await human.readCommits(c.req.valid('param').id), 200))
    .openapi(roundCommits, async (c) => c.json(await human.readCommits(c.req.valid('param').id, { round: c.req.valid('param').n }), 200))
    .openapi(check, async (c) => c.json(await human.checkRun(c.req.valid('param').id), 200))
    .openapi(gate, async (c) => c.json(await human.gate(c.req.valid('param').id, c.req.valid('query')), 200))
    .openapi(waive, async (c) => c.json(await human.waive(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(findings, async (c) => c.json(await human.readFindings(c.req.valid('param').id), 200))
    .openapi(comment, async (c) => c.json(await human.comment(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(requestChanges, async (c) => c.json(await human.requestChanges(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(approve, async (c) => c.json(await human.approve(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(merge, async (c) => c.json(await human.merge(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(push, async (c) => c.json(await human.push(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(refresh, async (c) => c.json(await human.refresh(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(reject, async (c) => c.json(await human.reject(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(undo, async (c) => c.json(await human.undo(c.req.valid('param').id, c.req.valid('json')), 200))
}
