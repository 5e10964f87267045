import { createRoute, z } from '@hono/zod-openapi'
import { expect, it } from 'vitest'
import { completeApi, createApi } from './api-base.ts'
import { ApiRoutes } from './api-routes.ts'

const one = z.object({ a: z.string().max(1) })
const responses = { 200: { description: 'Fine' } }

it.each([
  ['a query', { query: one }, '/x/1?a=22', {}],
  ['a query given twice', { query: one }, '/x/1?a=2&a=3', {}],
  ['a part of the path', { params: one }, '/x/22', {}],
  ['a header, which is the business of the library', { headers: one }, '/x/1', { a: '22' }],
  ['a cookie beside a query', { query: z.object({}), cookies: one }, '/x/1', { cookie: 'a=22' }],
] as const)('refuses %s that its schema does not take, before the handler runs', async (_what, request, path, headers) => {
  let ran = false
  const routes = new ApiRoutes().openapi(createRoute({ method: 'get', path: '/x/{a}', request, responses }), (c) => {
    ran = true
    return c.json({})
  })
  const api = createApi().route('/', routes)
  completeApi(api, () => { throw new Error('there is a route') }, undefined)
  const answer = await api.request(path, { headers })
  expect({ status: answer.status, ran, body: await answer.json() }).toMatchObject({ status: 400, ran: false, body: { error: { code: 'input.invalid' } } })
})
