import { handoffIdSchema, repoNameSchema, runIdSchema, taskIdSchema } from '@signalbox/core'
import { z } from '@hono/zod-openapi'

/** The ids in paths, checked by their own schema before a handler runs. */
export const params = {
  repo: z.object({ name: repoNameSchema }),
  task: z.object({ id: taskIdSchema }),
  run: z.object({ id: runIdSchema }),
  handoff: z.object({ id: handoffIdSchema }),
} as const

/** A whole number in a query string, which is text: `?after=12`. */
export const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number)

/**
 * Describes the JSON body of a route. Unknown keys are refused: a misspelt key must not look like success.
 */
export function body<S extends z.core.$ZodLooseShape>(schema: z.ZodObject<S>) {
  return { required: true, content: { 'application/json': { schema: z.strictObject(schema.shape) } } } as const
}

/** Describes a JSON body that may be left out, where a call without one already says something. */
export function optionalBody<S extends z.core.$ZodLooseShape>(schema: z.ZodObject<S>) {
  return { ...body(schema), required: false } as const
}

/** Describes the answer of a route that looks or changes. */
export function answer<S extends z.ZodType>(schema: S, description: string) {
  return { 200: { description, content: { 'application/json': { schema } } } } as const
}

/** Describes the answer of a route that makes something new. */
export function created<S extends z.ZodType>(schema: S, description: string) {
  return { 201: { description, content: { 'application/json': { schema } } } } as const
}

/**
 * Returns a schema of core under the name it has in the OpenAPI document.
 * Cloned, because only schemas made after the OpenAPI library was loaded can carry a name, and core's are made before.
 */
export function named<S extends z.ZodType>(name: string, schema: S): S {
  return schema.clone().openapi(name)
}
