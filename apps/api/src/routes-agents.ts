import { agentViewSchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, named } from './route-parts.ts'

const list = createRoute({
  method: 'get',
  path: '/agents',
  tags: ['agents'],
  summary: 'List the agents that a run may name',
  responses: answer(z.object({ agents: z.array(named('Agent', agentViewSchema)).readonly() }), 'Agents'),
})

/** Returns the route of agents. */
export function agentRoutes(human: HumanFace) {
  return new ApiRoutes().openapi(list, async (c) => c.json(await human.listAgents(), 200))
}
