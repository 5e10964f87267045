import { createSignal } from 'solid-js'
import { token } from '../session/token.ts'

/** Milliseconds before the first new attempt, and the most it grows to. Sooner floods a starting server; later feels dead. */
const firstWait = 300
const longestWait = 3_000

const [away, setAway] = createSignal(false)
let recovering: Promise<void> | undefined
const whenBack: (() => void)[] = []

/** Whether the server can be reached. */
export const connection = {
  away,
  /** Calls `told` each time the server is there again after it was away. */
  onBack: (told: () => void): void => void whenBack.push(told),
  /** Notes that a request got no answer or a stream ended, and knocks until there is an answer. */
  lost: (): void => {
    recovering ??= recover().finally(() => (recovering = undefined))
  },
  /** Repeats a request until something answers it. */
  untilReached: async (request: () => Promise<Response>): Promise<Response> => {
    for (;;) {
      try {
        return await request()
      } catch {
        // No answer at all: the server is not there. Whoever waits here has nothing to show but that.
        connection.lost()
        await recovering
      }
    }
  },
}

/** Sends a request with this tab's token. @throws TypeError when there is no answer */
export function authorized(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token.read() ?? ''}`)
  return fetch(input, { ...init, headers, cache: 'no-store', credentials: 'omit', redirect: 'error' })
}

async function recover(): Promise<void> {
  for (let wait = firstWait; !(await answers()); wait = Math.min(wait * 1.6, longestWait)) {
    setAway(true)
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  setAway(false)
  for (const told of whenBack) told()
}

async function answers(): Promise<boolean> {
  try {
    await authorized('/api/health')
    return true
  } catch {
    return false // Still away: the caller tries again.
  }
}
