import { ControlError, hasCode, httpStatusOf, invalidInput } from '@signalbox/core'
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { envelopeOf, errorEnvelopeSchema } from './error-envelope.ts'
import { describeApi } from './openapi.ts'

/** Told of every error without a code of ours: a bug, whose stack the caller of the API does not get to see. */
export type OnUnexpected = (error: unknown) => void

/** Returns an app without routes, whose schemas answer bad input the way every door does. */
export function createApi(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error)
    },
  })
}

/** What an app answers where it has no route. */
export type NoRoute = (method: string, path: string) => ControlError

/** Adds to an app with all its routes what every one has: its description, and an envelope for whatever goes wrong. */
export function completeApi(app: Pick<OpenAPIHono, 'openAPIRegistry' | 'getOpenAPI31Document' | 'get' | 'notFound' | 'onError'>, noRoute: NoRoute, onUnexpected: OnUnexpected | undefined): void {
  app.openAPIRegistry.register('Error', errorEnvelopeSchema)
  app.get('/api/openapi.json', (c) => c.json(describeApi(app)))
  app.notFound((c) => {
    const error = noRoute(c.req.method, c.req.path)
    return c.json(envelopeOf(error), error.code === 'input.invalid' ? 404 : httpStatusOf(error.code))
  })
  app.onError((thrown, c) => {
    const refusal = thrown instanceof HTTPException
    const envelope = envelopeOf(refusal ? malformed(thrown) : thrown)
    if (envelope.error.code === 'internal.unexpected' && !hasCode(thrown, 'internal.unexpected')) onUnexpected?.(thrown)
    return c.json(envelope, refusal ? thrown.status : httpStatusOf(envelope.error.code))
  })
}

/** Returns the error of a request that the framework itself could not read, such as broken JSON. */
function malformed(error: HTTPException): ControlError {
  return new ControlError('input.invalid', `The request could not be read: ${error.message}`, { hint: 'Send application/json', cause: error })
}
