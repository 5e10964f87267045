import { invalidInput } from '@signalbox/core'
import { OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi'
import type { Context, Handler } from 'hono'

/**
 * Routes that describe themselves. What a call without a body brings is checked in the step of its handler: as middleware,
 * which is how the library does it, that takes as long as all else a small answer needs.
 */
export class ApiRoutes extends OpenAPIHono {
  constructor() {
    super()
    const declare = this.openapi
    const openapi: typeof declare<RouteConfig> = (route, handler, hook) => {
      const { request, ...rest } = route
      // Whatever else a route may say is left to the library: nothing of it goes unchecked.
      const isOurs = request !== undefined && hook === undefined && Object.keys(request).every((part) => part === 'params' || part === 'query')
      if (!isOurs) return declare(route, handler, hook)
      this.openAPIRegistry.registerPath(route)
      return declare({ ...rest, hide: true }, checking(request, handler))
    }
    this.openapi = openapi as typeof this.openapi
  }
}

function checking({ params, query }: NonNullable<RouteConfig['request']>, handler: Handler): Handler {
  return (c, next) => {
    if (query !== undefined) c.req.addValidatedData('query', check(query, queryOf(c)))
    if (params !== undefined) c.req.addValidatedData('param', check(params, c.req.param()))
    return handler(c, next)
  }
}

/** @throws ControlError `input.invalid` */
function check(schema: z.ZodType, value: object): object {
  const result = schema.safeParse(value)
  if (!result.success) throw invalidInput(result.error)
  return result.data as object
}

/** A parameter given more than once is a list, which no schema of one value takes. */
function queryOf(c: Context): object {
  return Object.fromEntries(Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}
