import { contextViewSchema, newRunSchema, newTaskSchema, quarantinedSchema, runViewSchema, taskChangesSchema, taskStatusSchema, taskViewSchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, created, named, params, wholeNumber } from './route-parts.ts'

const tags = ['tasks']
const task = named('Task', taskViewSchema)

const create = createRoute({ method: 'post', path: '/tasks', tags, summary: 'Make a task', request: { body: body(newTaskSchema) }, responses: created(task, 'The new task') })
const list = createRoute({
  method: 'get',
  path: '/tasks',
  tags,
  summary: 'List tasks, and the files that could not be read as one',
  request: { query: z.object({ status: taskStatusSchema.optional() }) },
  responses: answer(z.object({ tasks: z.array(task).readonly(), quarantined: z.array(quarantinedSchema).readonly() }), 'Tasks in order of id'),
})
const next = createRoute({
  method: 'get',
  // Not below /tasks: a word where another route has an id is what the fast router does not take, for any route then.
  path: '/next-task',
  tags,
  summary: 'Name the ready task to take next',
  responses: answer(z.object({ task: task.nullable(), because: z.string() }), 'The task, or null and why there is none'),
})
const read = createRoute({ method: 'get', path: '/tasks/{id}', tags, summary: 'Read one task', request: { params: params.task }, responses: answer(task, 'The task') })
const edit = createRoute({
  method: 'patch',
  path: '/tasks/{id}',
  tags,
  summary: 'Change a task; every other byte of its file stays',
  request: { params: params.task, body: body(taskChangesSchema) },
  responses: answer(task, 'The task as it is now'),
})
const context = createRoute({
  method: 'get',
  path: '/tasks/{id}/context',
  tags,
  summary: 'Show the packet a run of this task would get now',
  request: { params: params.task, query: z.object({ budget: wholeNumber.optional() }) },
  responses: answer(named('Context', contextViewSchema), 'The packet and its Markdown'),
})
const start = createRoute({
  method: 'post',
  path: '/tasks/{id}/runs',
  tags: ['runs'],
  summary: 'Start a run of a task',
  request: { params: params.task, body: body(newRunSchema) },
  responses: created(named('Run', runViewSchema), 'The run, once its supervisor owns it'),
})

/** Routes that look tasks up: a human's, and those an agent has too. */
export const taskReads = { list, read } as const

/** Returns the routes of tasks, their context packets and the start of runs. */
export function taskRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(create, async (c) => c.json(await human.createTask(c.req.valid('json')), 201))
    .openapi(list, async (c) => c.json(await human.listTasks(c.req.valid('query')), 200))
    .openapi(next, async (c) => c.json(await human.nextTask(), 200))
    .openapi(read, async (c) => c.json(await human.readTask(c.req.valid('param').id), 200))
    .openapi(edit, async (c) => c.json(await human.editTask(c.req.valid('param').id, c.req.valid('json')), 200))
    .openapi(context, async (c) => c.json(await human.readContext(c.req.valid('param').id, c.req.valid('query')), 200))
    .openapi(start, async (c) => c.json(await human.startRun(c.req.valid('param').id, c.req.valid('json')), 201))
}
