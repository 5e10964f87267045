import { ControlError } from '@signalbox/core'
import { errorEnvelopeSchema, errorOf } from './error-envelope.ts'

/** Sends one request: the platform's `fetch` or an app's `request`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Response | Promise<Response>

interface Answer<T> {
  readonly ok: boolean
  readonly status: number
  json(): Promise<T>
}

/**
 * Returns the value of a call, or throws the `ControlError` the server answered with.
 * An answer that is no envelope of ours (a proxy's page, a foreign server) is `internal.unexpected` with its status.
 */
export async function valueOf<T>(call: Promise<Answer<T>>): Promise<T> {
  const answer = await call
  if (answer.ok) return answer.json()
  const envelope = errorEnvelopeSchema.safeParse(await readJson(answer))
  if (envelope.success) throw errorOf(envelope.data)
  throw new ControlError('internal.unexpected', `The server answered ${answer.status} and no error of ours`, { hint: 'Check that the address is that of a Signalbox server' })
}

async function readJson(answer: Answer<unknown>): Promise<unknown> {
  try {
    return await answer.json()
  } catch {
    return undefined // No JSON: the caller reports the status instead.
  }
}
