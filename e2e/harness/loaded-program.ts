import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { borrowProcess, type Surroundings } from './borrow.ts'
import { supervisePreloaded } from './loaded-supervisor.ts'

// The built program, loaded once and called again and again: what it does at each call is all its own; what is spared is
// starting Node and compiling it. One call at a time. Ends with the test file that started it.

/** One call: what a shell would give to a process. */
export interface LoadedCall extends Surroundings {
  readonly args: readonly string[]
}

/** How it ended. */
export interface LoadedEnd {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const entry = new URL('../../apps/cli/dist/main.js', import.meta.url).href
const [, script = ''] = process.argv

process.once('disconnect', () => process.exit())
for (let calls = 0; ; calls += 1) {
  const [call] = (await once(process, 'message')) as [LoadedCall]
  process.send?.(await answer(call, calls))
}

async function answer({ args, cwd, env }: LoadedCall, calls: number): Promise<LoadedEnd> {
  const taken = { stdout: take(process.stdout), stderr: take(process.stderr) }
  // A run that is left alone is about its process.
  supervisePreloaded(process.platform === 'linux' && !args.includes('--detach'))
  try {
    return await borrowProcess({ cwd, env }, [script, ...args], async () => {
      process.exitCode = 0
      // Another address is another module: the entry runs anew, and what it imports is there already.
      await import(`${entry}?call=${calls}`)
      await setImmediate() // Warnings are told a moment later.
      return { exit: process.exitCode, stdout: taken.stdout.text(), stderr: taken.stderr.text() }
    })
  } finally {
    taken.stdout.giveBack()
    taken.stderr.giveBack()
  }
}

/** Keeps what is written to a stream instead of letting it through, until it is given back. */
function take(stream: NodeJS.WriteStream): { readonly text: () => string; readonly giveBack: () => void } {
  const chunks: Buffer[] = []
  stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    chunks.push(Buffer.from(chunk))
    const written = rest.at(-1)
    if (typeof written === 'function') written()
    return true
  }
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    giveBack: () => {
      Reflect.deleteProperty(stream, 'write')
      stream.removeAllListeners('error')
    },
  }
}
