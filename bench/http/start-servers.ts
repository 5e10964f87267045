import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Asked, Ready, Used } from '../../apps/api/bench/messages.ts'

/** The measured servers, in a process of their own: what the bench itself uses is not counted. */
export interface Servers extends Ready {
  ask(asked: Asked): Promise<Used>
  stop(): Promise<void>
}

/** Starts the measured servers. */
export async function startServers(folder: string): Promise<Servers> {
  const child = fork(fileURLToPath(new URL('../../apps/api/bench/server-process.ts', import.meta.url)), [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = new AbortController()
  child.once('exit', () => ended.abort(new Error('the measured servers ended')))
  const answer = async <T>(): Promise<T> => {
    const [message] = await once(child, 'message', { signal: ended.signal })
    return message as T
  }
  const ready = await answer<Ready>()
  return {
    ...ready,
    ask: (asked) => {
      child.send(asked)
      return answer<Used>()
    },
    stop: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
