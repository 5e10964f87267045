import { ControlError, type HumanFace, type Live } from '@signalbox/core'
import { completeApi, createApi, type OnUnexpected } from './api-base.ts'
import { agentRoutes } from './routes-agents.ts'
import { cleanRoutes } from './routes-clean.ts'
import { eventRoutes } from './routes-events.ts'
import { handoffRoutes } from './routes-handoffs.ts'
import { outlookRoutes } from './routes-outlook.ts'
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
  readonly onUnexpected?: OnUnexpected
}

/**
 * Returns the Hono app that answers every call of a control plane under `/api`, described at `/api/openapi.json`.
 * It neither listens nor asks who is calling: whoever puts it on a network adds both.
 */
export function createApp(plane: Plane) {
  const app = createApi()
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
    .route('/api', cleanRoutes(plane.human))
    .route('/api', outlookRoutes(plane.human))
  completeApi(app, (method, path) => new ControlError('input.invalid', `There is no ${method} ${path}`, { hint: 'GET /api/openapi.json lists every route' }), plane.onUnexpected)
  return app
}

/** The app's type: what a typed Hono client is made from. */
export type App = ReturnType<typeof createApp>
