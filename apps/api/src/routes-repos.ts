import { newRepoSchema, repoViewSchema, type HumanFace } from '@signalbox/core'
import { createRoute, z } from '@hono/zod-openapi'
import { ApiRoutes } from './api-routes.ts'
import { answer, body, created, named, params } from './route-parts.ts'

const tags = ['repos']
const repo = named('Repo', repoViewSchema)

const add = createRoute({ method: 'post', path: '/repos', tags, summary: 'Register a source repository', request: { body: body(newRepoSchema) }, responses: created(repo, 'The registered repo') })
const list = createRoute({ method: 'get', path: '/repos', tags, summary: 'List registered repos', responses: answer(z.object({ repos: z.array(repo).readonly() }), 'All registered repos') })
const remove = createRoute({
  method: 'delete',
  path: '/repos/{name}',
  tags,
  summary: 'Forget a repo; its source is not touched',
  request: { params: params.repo },
  responses: answer(repo, 'The repo as it was registered'),
})

/** Returns the routes of registered source repositories. */
export function repoRoutes(human: HumanFace) {
  return new ApiRoutes()
    .openapi(add, async (c) => c.json(await human.addRepo(c.req.valid('json')), 201))
    .openapi(list, async (c) => c.json(await human.listRepos(), 200))
    .openapi(remove, async (c) => c.json(await human.removeRepo(c.req.valid('param').name), 200))
}
