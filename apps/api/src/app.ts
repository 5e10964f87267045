import { ControlError, hasCode, httpStatusOf, invalidInput, type HumanFace, type Live } from '@signalbox/core'
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { envelopeOf, errorEnvelopeSchema } from './error-envelope.ts'
import { describeApi } from './openapi.ts'
import { agentRoutes } from './routes-agents.ts'
import { eventRoutes } from './routes-events.ts'
import { handoffRoutes } from './routes-handoffs.ts'
import { recordRoutes } from './routes-records.ts'
import { repoRoutes } from './routes-repos.ts'
import { reviewRoutes } from './routes-review.ts'
import { runRoutes } from './routes-runs.ts'
import { searchRoutes } from './routes-search.ts'
import { taskRoutes } from './routes-tasks.ts'

/** What an app is made over. */
export interface Plane {
  readonly human: HumanFace
  /** What the event streams tell of; without it there are none. */
  readonly live?: Live
  /** Told of every error without a code of ours: a bug, whose stack the caller of the API does not get to see. */
  readonly onUnexpected?: (error: unknown) => void
}

/**
 * Returns the Hono app that answers every call of a control plane under `/api`, described at `/api/openapi.json`.
 * It neither listens nor asks who is calling: whoever puts it on a network adds both.
 */
export function createApp(plane: Plane) {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error)
    },
  })
    // Before the routes of runs: a stream shares its path with the JSON of the same events.
    .route('/api', eventRoutes({ human: plane.human, live: plane.live }))
    .route('/api', repoRoutes(plane.human))
    .route('/api', taskRoutes(plane.human))
    .route('/api', runRoutes(plane.human))
    .route('/api', agentRoutes(plane.human))
    .route('/api', reviewRoutes(plane.human))
    .route('/api', recordRoutes(plane.human))
    .route('/api', handoffRoutes(plane.human))
    .route('/api', searchRoutes(plane.human))
  app.openAPIRegistry.register('Error', errorEnvelopeSchema)
  app.get('/api/openapi.json', (c) => c.json(describeApi(app)))
  app.notFound((c) => c.json(envelopeOf(new ControlError('input.invalid', `There is no ${c.req.method} ${c.req.path}`, { hint: 'GET /api/openapi.json lists every route' })), 404))
  app.onError((thrown, c) => {
    const refusal = thrown instanceof HTTPException
    const envelope = envelopeOf(refusal ? malformed(thrown) : thrown)
    if (envelope.error.code === 'internal.unexpected' && !hasCode(thrown, 'internal.unexpected')) plane.onUnexpected?.(thrown)
    return c.json(envelope, refusal ? thrown.status : httpStatusOf(envelope.error.code))
  })
  return app
}

/** The app's type: what a typed Hono client is made from. */
export type App = ReturnType<typeof createApp>

/** Returns the error of a request that the framework itself could not read, such as broken JSON. */
function malformed(error: HTTPException): ControlError {
  return new ControlError('input.invalid', `The request could not be read: ${error.message}`, { hint: 'Send application/json', cause: error })
}
