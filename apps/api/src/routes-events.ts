import { ControlError, parseInput, runIdSchema, type HumanFace, type Live } from '@signalbox/core'
import { z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ApiRoutes } from './api-routes.ts'
import { envelopeOf } from './error-envelope.ts'
import { params, wholeNumber } from './route-parts.ts'
import { createStreams } from './streams/streams.ts'

const query = z.object({ transcript: runIdSchema.optional() })
const runQuery = z.object({ transcript: runIdSchema.optional(), after: wholeNumber.optional() })

/**
 * Returns the routes of event streams. That of a run shares its path with the JSON answer and steps aside unless an
 * event stream is asked for, so these routes have to come before those of runs.
 */
export function eventRoutes({ human, live }: { readonly human: Pick<HumanFace, 'readEvents'>; readonly live: Live | undefined }) {
  const app = new ApiRoutes()
  const streams = live && createStreams({ live, readEvents: (run, options) => human.readEvents(run, options) })
  describeStreams(app)
  app.get('/events', (c) => {
    if (streams === undefined) return notHere(c, 'This control plane does not say what changes', 'Ask again for what you read, or open it with `createControlPlane`')
    if (!wantsStream(c)) return notHere(c, 'What changes is answered as an event stream only', 'Send `Accept: text/event-stream`')
    const { transcript } = parseInput(query, c.req.query())
    return isHead(c) ? c.body(null, 200, { 'content-type': 'text/event-stream' }) : streams.openAll(c, { lastEventId: c.req.header('last-event-id'), transcript })
  })
  app.get('/runs/:id/events', async (c, next) => {
    if (streams === undefined || !wantsStream(c) || isHead(c)) return next()
    const { id } = parseInput(params.run, c.req.param())
    const { transcript, after } = parseInput(runQuery, c.req.query())
    const last = c.req.header('last-event-id')
    return streams.openRun(c, { run: id, after: last === undefined ? (after ?? 0) : parseInput(wholeNumber, last), transcript })
  })
  return app
}

function describeStreams(app: OpenAPIHono): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/events',
    tags: ['events'],
    summary: 'Follow everything that changes',
    description: 'Server-sent events. `data` is a RunEvent or `{"type":"records.changed","paths":[…]}`; ids are `epoch:n`. `event: reset` says that something may have been missed. `event: transcript` says how long the transcript asked for is by now. The events of one run are streamed by `/runs/{id}/events`, with `seq` as id.',
    request: { query, headers: z.object({ 'last-event-id': z.string().optional() }) },
    responses: { 200: { description: 'Events as they happen', content: { 'text/event-stream': { schema: z.string() } } }, 406: { description: 'Anything but an event stream was asked for' } },
  })
}

function wantsStream(c: Context): boolean {
  return /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(c.req.header('accept') ?? '')
}

/** The framework answers HEAD by the handlers of GET; a stream nobody reads would stay open for ever. */
function isHead(c: Context): boolean {
  return c.req.method === 'HEAD'
}

function notHere(c: Context, message: string, hint: string): Response {
  return c.json(envelopeOf(new ControlError('input.invalid', message, { hint })), 406)
}
