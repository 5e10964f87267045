import { tokenForm } from './contract.ts'
import type { World } from './world.ts'

/** Calls the server of a world and returns the JSON it answers with; throws at every other answer than a good one. */
export type ApiCall = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>

/** Returns what calls a server with a token for the command line. */
export async function createCall(world: World, url: string): Promise<ApiCall> {
  const { token } = await world.ask(tokenForm, ['token'])
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
}
