import { cleanReportSchema, cleanRequestSchema, type HumanFace } from '@signalbox/core'
import { createRoute } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, named } from './route-parts.ts'

const clean = createRoute({
  method: 'post',
  path: '/clean',
  tags: ['doctor'],
  summary: 'Remove workspaces that nobody needs any more, or with dryRun say which',
  request: { body: body(cleanRequestSchema) },
  responses: answer(named('CleanReport', cleanReportSchema), 'What went, and why the rest stays'),
})

/** Returns the route that removes workspaces. */
export function cleanRoutes(human: HumanFace) {
  return new ApiRoutes().openapi(clean, async (c) => c.json(await human.clean(c.req.valid('json')), 200))
}
