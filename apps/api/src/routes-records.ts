import { decisionIdSchema, decisionSchema, effortIdSchema, effortSchema, newRecordSchema, noteIdSchema, noteSchema, quarantinedSchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, created, named } from './route-parts.ts'

const efforts = routesOf('/efforts', effortIdSchema, named('Effort', effortSchema))
const decisions = routesOf('/decisions', decisionIdSchema, named('Decision', decisionSchema))
const notes = routesOf('/notes', noteIdSchema, named('Note', noteSchema))

/** Routes that look decisions up: a human's, and those an agent has too. */
export const decisionReads = { list: decisions.list, read: decisions.read } as const

/** Returns the routes of the records a human writes freely: efforts, decisions and notes. */
export function recordRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(efforts.create, async (c) => c.json(await human.createRecord('effort', c.req.valid('json')), 201))
    .openapi(efforts.list, async (c) => c.json(await human.listRecords('effort'), 200))
    .openapi(efforts.read, async (c) => c.json(await human.readRecord('effort', c.req.valid('param').id), 200))
    .openapi(decisions.create, async (c) => c.json(await human.createRecord('decision', c.req.valid('json')), 201))
    .openapi(decisions.list, async (c) => c.json(await human.listRecords('decision'), 200))
    .openapi(decisions.read, async (c) => c.json(await human.readRecord('decision', c.req.valid('param').id), 200))
    .openapi(notes.create, async (c) => c.json(await human.createRecord('note', c.req.valid('json')), 201))
    .openapi(notes.list, async (c) => c.json(await human.listRecords('note'), 200))
    .openapi(notes.read, async (c) => c.json(await human.readRecord('note', c.req.valid('param').id), 200))
}

/** Describes the three routes each free kind has. */
function routesOf<const P extends `/${string}`, I extends z.ZodType, S extends z.ZodType>(path: P, id: I, schema: S) {
  const tags = [path.slice(1)]
  const listing = z.object({ records: z.array(schema).readonly(), quarantined: z.array(quarantinedSchema).readonly() })
  return {
    create: createRoute({ method: 'post', path, tags, summary: 'Write one', request: { body: body(newRecordSchema) }, responses: created(schema, 'The new record') }),
    list: createRoute({ method: 'get', path, tags, summary: 'List all, and the files that could not be read as one', responses: answer(listing, 'Records in order of id') }),
    read: createRoute({ method: 'get', path: `${path}/{id}` as const, tags, summary: 'Read one', request: { params: z.object({ id }) }, responses: answer(schema, 'The record') }),
  }
}
