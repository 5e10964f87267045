import { answerRequestSchema, parseLoggedEvent, quarantinedSchema, reasonSchema, restoredSchema, restoreRequestSchema, resumeRequestSchema, runSummarySchema, runViewSchema, sealRequestSchema, taskIdSchema, transcriptLineSchema, type HumanFace, type LoggedEvent } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, named, optionalBody, params, wholeNumber } from './route-parts.ts'

const tags = ['runs']
const run = named('Run', runViewSchema)
const request = { params: params.run }
const event = z.custom<LoggedEvent>((value) => parseLoggedEvent(value) !== undefined).openapi('RunEvent', {
  type: 'object',
  description: 'One fact of a run, in the past tense. `seq` counts up by one from 1. `unknown: true` marks one that a newer version wrote: kept and shown as it is.',
  required: ['format', 'seq', 'at', 'run', 'task', 'type', 'data'],
})

const list = createRoute({
  method: 'get',
  path: '/runs',
  tags,
  summary: 'List runs, oldest first',
  request: { query: z.object({ task: taskIdSchema.optional() }) },
  responses: answer(z.object({ runs: z.array(named('RunSummary', runSummarySchema)).readonly(), quarantined: z.array(quarantinedSchema).readonly() }), 'Runs'),
})
const read = createRoute({ method: 'get', path: '/runs/{id}', tags, summary: 'Read one run', request, responses: answer(run, 'The run') })
const events = createRoute({
  method: 'get',
  path: '/runs/{id}/events',
  tags,
  summary: 'Read the events of a run after a given one',
  request: { ...request, query: z.object({ after: wholeNumber.optional() }) },
  responses: answer(z.object({ events: z.array(event).readonly(), ended: z.boolean() }), 'Events in order'),
})
const transcript = createRoute({
  method: 'get',
  path: '/runs/{id}/transcript',
  tags,
  summary: 'Read the transcript from a given byte on, whole lines only',
  request: { ...request, query: z.object({ from: wholeNumber.optional() }) },
  responses: answer(z.object({ lines: z.array(transcriptLineSchema).readonly(), next: z.int() }), 'Lines, and where to go on'),
})
const packet = createRoute({
  method: 'get',
  path: '/runs/{id}/packet',
  tags,
  summary: 'Read the packet saved with the run',
  request,
  responses: answer(z.object({ markdown: z.string(), hash: z.string() }), 'The exact Markdown and its sha256'),
})
const cancel = createRoute({
  method: 'post',
  path: '/runs/{id}/cancel',
  tags,
  summary: 'End the whole process tree of a run and seal what it left',
  request: { ...request, body: body(reasonSchema) },
  responses: answer(run, 'The run, ended'),
})
const seal = createRoute({ method: 'post', path: '/runs/{id}/seal', tags, summary: 'Seal what the workspace holds as the next round; say what of the changes beside it belongs to whom', request: { ...request, body: optionalBody(sealRequestSchema) }, responses: answer(run, 'The run with its new round') })

const resume = createRoute({
  method: 'post',
  path: '/runs/{id}/resume',
  tags,
  summary: 'Let the agent of an ended run go on in its workspace, as its next round',
  request: { ...request, body: optionalBody(resumeRequestSchema) },
  responses: answer(run, 'The run, under way again'),
})
const answers = createRoute({
  method: 'post',
  path: '/runs/{id}/answers',
  tags,
  summary: 'Answer what the agent of a run asked: whether a tool may be used, or a question',
  request: { ...request, body: body(answerRequestSchema) },
  responses: answer(run, 'The run, with what is still open'),
})
const restore = createRoute({
  method: 'post',
  path: '/runs/{id}/restore',
  tags,
  summary: 'Write the exact bytes of a snapshot to an empty folder of this machine; in the same process only, refused over the network',
  request: { ...request, body: body(restoreRequestSchema) },
  responses: answer(named('Restored', restoredSchema), 'What was written where'),
})

/** Routes that read one run: a human's, and those its agent has too. */
export const runReads = { run: read, events, packet } as const

/** Returns the routes of runs: reading them, ending them, sealing them. */
export function runRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(list, async (c) => c.json(await human.listRuns(c.req.valid('query')), 200))
    .openapi(read, async (c) => c.json(await human.readRun(c.req.valid('param').id), 200))
    .openapi(events, async (c) => c.json(await human.readEvents(c.req.valid('param').id, c.req.valid('query')), 200))
    .openapi(transcript, async (c) => c.json(await human.readTranscript(c.req.valid('param').id, c.req.valid('query')), 200))
    .openapi(packet, async (c) => c.json(await human.readPacket(c.req.valid('param').id), 200))
    .openapi(cancel, async (c) => c.json(await human.cancelRun(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(resume, async (c) => c.json(await human.resumeRun(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(answers, async (c) => c.json(await human.answer(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(restore, async (c) => c.json(await human.restore(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(seal, async (c) => c.json(await human.sealRun(c.req.valid('param').id, c.req.valid('json')), 200))
}
