import { createClient } from '@signalbox/api/client'
import { verifySession } from '../session/session.ts'
import { authorized, connection } from './connection.ts'

/** Every call the page makes: the human face of the control plane, over HTTP with this tab's token. */
export const api = createClient({ fetch: send, baseUrl: location.origin })

/** Sends a request with this tab's token, and notices when the server is away or no longer knows us. */
export async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  try {
    const answer = await authorized(input, init)
    if (answer.status === 401 || answer.status === 403) void verifySession()
    return answer
  } catch (error) {
    connection.lost()
    throw error
  }
}
