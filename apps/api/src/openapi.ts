import type { OpenAPIHono } from '@hono/zod-openapi'

type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/** Every route may answer with the error envelope; said once here instead of in each route. */
const failure = { description: 'Refused or failed: code, sentence and next action', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }

/** Returns the OpenAPI 3.1 document of an app's routes; its schema `Error` must be registered. */
export function describeApi(app: Pick<OpenAPIHono, 'getOpenAPI31Document'>): Document {
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Signalbox', version: '1' } })
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path)) if (isOperation(operation)) operation.responses['default'] = failure
  }
  return document
}

function isOperation(value: unknown): value is { responses: Record<string, unknown> } {
  return typeof value === 'object' && value !== null && 'responses' in value
}
