import { diagnosisSchema, repairSchema, searchResultSchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, named, wholeNumber } from './route-parts.ts'

const diagnoses = answer(z.object({ diagnoses: z.array(named('Diagnosis', diagnosisSchema)).readonly(), repairs: z.array(named('Repair', repairSchema)).readonly() }), 'One line per thing looked at, and what was done about it')

/** The route of a search, a human's or an agent's. */
export const searchRoute = createRoute({
  method: 'get',
  path: '/search',
  tags: ['search'],
  summary: 'Search all records',
  request: { query: z.object({ q: z.string().trim().min(1, 'a search needs at least one word'), limit: wholeNumber.optional() }) },
  responses: answer(z.object({ results: z.array(named('SearchResult', searchResultSchema)).readonly() }), 'Best match first'),
})
const rebuild = createRoute({
  method: 'post',
  path: '/index/rebuild',
  tags: ['search'],
  summary: 'Build the index again from the files',
  responses: answer(z.object({ records: z.int(), quarantined: z.int() }), 'How many files were read'),
})
const doctor = createRoute({ method: 'get', path: '/doctor', tags: ['doctor'], summary: 'Look at everything; change nothing', responses: diagnoses })
const fix = createRoute({ method: 'post', path: '/doctor/fix', tags: ['doctor'], summary: 'Look at everything and repair what is safe to repair', responses: diagnoses })
const health = createRoute({ method: 'get', path: '/health', tags: ['doctor'], summary: 'Say that the app answers', responses: answer(z.object({ ok: z.literal(true) }), 'It does') })

/** Returns the routes of search, the index and the health of the whole. */
export function searchRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(searchRoute, async (c) => {
      const { q, limit } = c.req.valid('query')
      return c.json(await human.search(q, { limit }), 200)
    })
    .openapi(rebuild, async (c) => c.json(await human.rebuildIndex(), 200))
    .openapi(doctor, async (c) => c.json(await human.doctor(), 200))
    .openapi(fix, async (c) => c.json(await human.doctor({ fix: true }), 200))
    .openapi(health, (c) => c.json({ ok: true as const }, 200))
}
