import { ControlError, handoffDraftSchema, handoffSchema, taskProposalSchema, taskViewSchema, type AgentRecordsFace, type RunId } from '@signalbox/core'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { completeApi, createApi, type OnUnexpected } from './api-base.ts'
import { ApiRoutes } from './api-routes.ts'
import { body, created, named, params } from './route-parts.ts'
import { decisionReads } from './routes-records.ts'
import { runReads } from './routes-runs.ts'
import { findingsRoute } from './routes-review.ts'
import { searchRoute } from './routes-search.ts'
import { taskReads } from './routes-tasks.ts'

/** What the app of one run's agent is made over. */
export interface AgentPlane {
  readonly run: RunId
  readonly agent: AgentRecordsFace
  readonly onUnexpected?: OnUnexpected
}

const draft = createRoute({
  method: 'post',
  path: '/runs/{id}/handoffs',
  tags: ['handoffs'],
  summary: 'Draft a handoff of a run; its facts are filled in',
  request: { params: params.run, body: body(handoffDraftSchema) },
  responses: created(named('Handoff', handoffSchema), 'The handoff'),
})

const propose = createRoute({
  method: 'post',
  path: '/runs/{id}/proposals',
  tags: ['tasks'],
  summary: 'Propose a task: a draft that links to the run, for a human to accept or drop',
  request: { params: params.run, body: body(taskProposalSchema) },
  responses: created(named('Task', taskViewSchema), 'The draft'),
})

/**
 * Returns the app of one run's agent: paths a human has too, as far as an agent's face reaches, and only for its own run.
 * Everything else is `access.denied`: nothing in it could approve, merge, delete, or look at another run.
 */
export function createAgentApp({ run, agent, onUnexpected }: AgentPlane): OpenAPIHono {
  const app = createApi()
  app.route('/api', agentRoutes(run, agent))
  completeApi(app, (method, path) => refused(`do ${method} ${path}`), onUnexpected)
  return app
}

function agentRoutes(run: RunId, agent: AgentRecordsFace) {
  const own = (id: RunId): void => {
    if (id !== run) throw refused(`reach ${id}, for it belongs to ${run}`)
  }
  return new ApiRoutes()
    .openapi(runReads.run, async (c) => {
      own(c.req.valid('param').id)
      return c.json(await agent.readRun(), 200)
    })
    .openapi(runReads.events, async (c) => {
      own(c.req.valid('param').id)
      return c.json(await agent.readEvents(c.req.valid('query')), 200)
    })
    .openapi(runReads.packet, async (c) => {
      own(c.req.valid('param').id)
      return c.json(await agent.readPacket(), 200)
    })
    .openapi(findingsRoute, async (c) => {
      own(c.req.valid('param').id)
      return c.json(await agent.readFindings(), 200)
    })
    .openapi(draft, async (c) => {
      own(c.req.valid('param').id)
      return c.json(await agent.draftHandoff(c.req.valid('json')), 201)
    })
    .openapi(propose, async (c) => {
      own(c.req.valid('param').id)
      return c.json(await agent.proposeTask(c.req.valid('json')), 201)
    })
    .openapi(taskReads.list, async (c) => c.json(await agent.listTasks(c.req.valid('query')), 200))
    .openapi(taskReads.read, async (c) => c.json(await agent.readTask(c.req.valid('param').id), 200))
    .openapi(decisionReads.list, async (c) => c.json(await agent.listDecisions(), 200))
    .openapi(decisionReads.read, async (c) => c.json(await agent.readDecision(c.req.valid('param').id), 200))
    .openapi(searchRoute, async (c) => {
      const { q, limit } = c.req.valid('query')
      return c.json(await agent.search(q, { limit }), 200)
    })
}

function refused(what: string): ControlError {
  return new ControlError('access.denied', `An agent may not ${what}`, { hint: 'It may read its own run, its packet, events and findings, tasks and decisions, search, propose tasks, and draft a handoff of its run' })
}
