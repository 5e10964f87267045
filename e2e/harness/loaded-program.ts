import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'

// The built program, loaded once and called again and again: what it does at each call is all its own; what is spared is
// starting Node and compiling it. One call at a time. Ends with the test file that started it.

/** One call: what a shell would give to a process. */
export interface LoadedCall {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** How it ended. */
export interface LoadedEnd {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const entry = new URL('../../apps/cli/dist/main.js', import.meta.url).href
const [node = process.execPath, script = ''] = process.argv

process.once('disconnect', () => process.exit())
for (let calls = 0; ; calls += 1) {
  const [call] = (await once(process, 'message')) as [LoadedCall]
  process.send?.(await answer(call, calls))
}

async function answer({ args, cwd, env }: LoadedCall, calls: number): Promise<LoadedEnd> {
  const taken = { stdout: take(process.stdout), stderr: take(process.stderr) }
  const own = { cwd: process.cwd(), env: { ...process.env } }
  try {
    process.chdir(cwd)
    replaceEnvironment(env)
    process.argv = [node, script, ...args]
    process.exitCode = 0
    // Another address is another module: the entry runs anew, and what it imports is there already.
    await import(`${entry}?call=${calls}`)
    await setImmediate() // Warnings are told a moment later.
    return { exit: process.exitCode, stdout: taken.stdout.text(), stderr: taken.stderr.text() }
  } finally {
    process.chdir(own.cwd)
    replaceEnvironment(own.env)
    taken.stdout.giveBack()
    taken.stderr.giveBack()
  }
}

function replaceEnvironment(env: Readonly<NodeJS.ProcessEnv>): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
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
