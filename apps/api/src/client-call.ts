import { codeOf, ControlError, type ErrorCode } from '@signalbox/core/errors'

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
  throw (
    readError(await readJson(answer)) ??
    new ControlError('internal.unexpected', `The server answered ${answer.status} and no error of ours`, { hint: 'Check the address: something else answers there' })
  )
}

/** Reads the error of an envelope by hand: this runs in pages, which do without the schema library. */
function readError(envelope: unknown): ControlError | undefined {
  const error = fieldOf(envelope, 'error')
  const code: ErrorCode | undefined = codeOf(error)
  const message = fieldOf(error, 'message')
  if (code === undefined || typeof message !== 'string') return undefined
  const hint = fieldOf(error, 'hint')
  const data = fieldOf(error, 'data')
  return new ControlError(code, message, { ...(typeof hint === 'string' ? { hint } : {}), ...(isRecord(data) ? { data } : {}) })
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function readJson(answer: Answer<unknown>): Promise<unknown> {
  try {
    return await answer.json()
  } catch {
    return undefined // No JSON: the caller reports the status instead.
  }
}
