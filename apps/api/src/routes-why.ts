import { repoNameSchema, whySchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, named, wholeNumber } from './route-parts.ts'

const why = createRoute({
  method: 'get',
  path: '/why',
  tags: ['review'],
  summary: 'Say how a line of a source came to be: commit, landing, approval, run, packet, task',
  request: { query: z.object({ path: z.string().min(1), repo: repoNameSchema.optional(), line: wholeNumber }) },
  responses: answer(named('Why', whySchema), 'What the record says of the line, and whether the trailers of its commit hold'),
})

/** Returns the route from a line of code to its task. */
export function whyRoutes(human: HumanFace) {
  return new ApiRoutes().openapi(why, async (c) => c.json(await human.why(c.req.valid('query')), 200))
}
