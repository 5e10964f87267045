import { handoffSchema, newHandoffSchema, quarantinedSchema, taskIdSchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, created, named, params } from './route-parts.ts'

const tags = ['handoffs']
const handoff = named('Handoff', handoffSchema)

const create = createRoute({ method: 'post', path: '/handoffs', tags, summary: 'Write a handoff; facts of the run are filled in', request: { body: body(newHandoffSchema) }, responses: created(handoff, 'The new handoff') })
const list = createRoute({
  method: 'get',
  path: '/handoffs',
  tags,
  summary: 'List handoffs',
  request: { query: z.object({ task: taskIdSchema.optional() }) },
  responses: answer(z.object({ handoffs: z.array(handoff).readonly(), quarantined: z.array(quarantinedSchema).readonly() }), 'Handoffs in order of id'),
})
const read = createRoute({ method: 'get', path: '/handoffs/{id}', tags, summary: 'Read one handoff', request: { params: params.handoff }, responses: answer(handoff, 'The handoff') })

/** Returns the routes of handoffs. */
export function handoffRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(create, async (c) => c.json(await human.createHandoff(c.req.valid('json')), 201))
    .openapi(list, async (c) => c.json(await human.listHandoffs(c.req.valid('query')), 200))
    .openapi(read, async (c) => c.json(await human.readHandoff(c.req.valid('param').id), 200))
}
