import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answered, Asked, Memory, Ready } from './messages.ts'
import type { Filled } from './fill-memory.ts'

/** A process of its own, whose memory and starts of processes are measured. */
export interface Measured {
  readonly url: string
  look(): Promise<Memory>
  /** Milliseconds of one start of a process, in the middle of so many. */
  spawn(count: number): Promise<number>
  stop(): Promise<void>
}

/** Starts the server of a filled memory repo; undefined starts node's own, with nothing behind it. */
export async function startMeasured(filled: Filled | undefined): Promise<Measured> {
  const child = fork(fileURLToPath(new URL('measured-process.ts', import.meta.url)), filled === undefined ? [] : [filled.memory], {
    ...(filled === undefined ? {} : { env: filled.env }),
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  const answer = async <T>(): Promise<T> => {
    const [message] = await once(child, 'message', { signal: ended.signal })
    return message as T
  }
  const ask = <T extends Answered>(asked: Asked): Promise<T> => {
    child.send(asked)
    return answer<T>()
  }
  const { url } = await answer<Ready>()
  return {
    url,
    look: () => ask<Memory>({ kind: 'look' }),
    spawn: async (count) => (await ask<{ readonly ms: number }>({ kind: 'spawn', count })).ms,
    stop: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
