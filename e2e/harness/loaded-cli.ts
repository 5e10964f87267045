import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { hungMs, type Outcome } from './cli.ts'
import type { LoadedCall, LoadedEnd } from './loaded-program.ts'

const program = fileURLToPath(new URL('loaded-program.ts', import.meta.url))

/** Loaded programs of this test file that nobody calls just now. */
const idle: ChildProcess[] = []

/**
 * Calls the real, built program in a process that has it loaded already: for the many calls that bring a world to the point
 * of a test, or ask about it, at a fifth of the price. What a process of its own does (signals, pipes, how it ends) needs
 * `callSignalbox`. Calls at the same time are made in different processes. Rejects when it hangs, or takes its process with it.
 */
export async function callLoaded(call: LoadedCall): Promise<Outcome> {
  const child = idle.pop() ?? fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.ref()
  child.channel?.ref()
  const end = await answerOf(child, call)
  child.unref()
  child.channel?.unref()
  idle.push(child)
  return { args: call.args, ...end }
}

async function answerOf(child: ChildProcess, call: LoadedCall): Promise<LoadedEnd> {
  const settled = new AbortController()
  const timer = setTimeout(() => child.kill('SIGKILL'), hungMs)
  try {
    const answered = once(child, 'message', settled) as Promise<[LoadedEnd]>
    const lost = once(child, 'exit', settled).then(([exit, signal]) => {
      throw new Error(`signalbox ${call.args.join(' ')} did not end in ${hungMs} ms, or ended its process (${exit ?? signal})`)
    })
    child.send(call)
    return (await Promise.race([answered, lost]))[0]
  } finally {
    clearTimeout(timer)
    settled.abort()
  }
}
