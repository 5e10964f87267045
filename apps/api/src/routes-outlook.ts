import { forecastSchema, repoNameSchema, whySchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, named, wholeNumber } from './route-parts.ts'

const tags = ['review']
const forecast = createRoute({ method: 'get', path: '/forecast', tags, summary: 'Say which open runs collide, and in which order to land them', responses: answer(named('Forecast', forecastSchema), 'The order, and each run on its targets and after the others') })
const why = createRoute({
  method: 'get',
  path: '/why',
  tags,
  summary: 'Say how a line of a source came to be: commit, landing, approval, run, packet, task',
  request: { query: z.object({ path: z.string().min(1), repo: repoNameSchema.optional(), line: wholeNumber }) },
  responses: answer(named('Why', whySchema), 'What the record says of the line, and whether the trailers of its commit hold'),
})

/** Returns the routes that look beyond one run: at how all open ones would land, and at how a landed line came to be. */
export function outlookRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(forecast, async (c) => c.json(await human.forecast(), 200))
    .openapi(why, async (c) => c.json(await human.why(c.req.valid('query')), 200))
}
