import { openReaders } from '../http/readers.ts'
import type { Filled } from './fill-memory.ts'
import { startMeasured, type Measured } from './start-measured.ts'

/** Starts the server of a memory repo and asks it what an open page does: it follows all changes, lists runs and tasks, and searches. */
export async function startInUse(filled: Filled): Promise<Measured> {
  const server = await startMeasured(filled)
  await openReaders({ port: Number(new URL(server.url).port), token: filled.token }, 1, () => undefined)
  for (const path of ['/api/runs', '/api/tasks', '/api/search?q=w17']) {
    const answer = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${filled.token}` } })
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
    await answer.arrayBuffer()
  }
  return server
}
