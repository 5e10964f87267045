import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The program as users start it. */
const bin = fileURLToPath(new URL('../../apps/cli/bin/signalbox.mjs', import.meta.url))

/** Runs what follows under a limit of nothing for the size of files. */
const withoutRoom = ['/bin/sh', '-c', 'ulimit -f 0; exec "$@"', 'sh'] as const

/** Runs what follows with a file as its input. */
const reading = (path: string): readonly string[] => ['/bin/sh', '-c', 'exec "$@" <"$0"', path]

/** Milliseconds one command may take before the test calls it hung. */
export const hungMs = 45_000

/** What one call of the command line did. */
export interface Outcome {
  readonly args: readonly string[]
  /** Null when a signal ended it. */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  /** A file to be read in place of that. */
  readonly inputFile?: string
  /** Somebody else to be, where the test runs as root: nothing is forbidden to root. */
  readonly uid?: number
  /** Lets every write to a file fail, nearly as on a full disk. */
  readonly noRoom?: true
}

/** Starts the real program in a process of its own and returns how it ended; rejects when it hangs. */
export function callSignalbox(args: readonly string[], { cwd, env, input = '', inputFile, uid, noRoom }: CallOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const [program = '', ...given] = [...(noRoom === true ? withoutRoom : []), ...(inputFile === undefined ? [] : reading(inputFile)), process.execPath, bin, ...args]
    const child = spawn(program, given, { cwd, env, stdio: 'pipe', ...(uid === undefined ? {} : { uid, gid: uid }) })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    const stdout = (): string => Buffer.concat(out).toString('utf8')
    const stderr = (): string => Buffer.concat(err).toString('utf8')
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`signalbox ${args.join(' ')} did not end in ${hungMs} ms\n${stdout()}${stderr()}`))
    }, hungMs)
    child.once('error', reject)
    child.once('close', (exit) => {
      clearTimeout(timer)
      resolve({ args, exit, stdout: stdout(), stderr: stderr() })
    })
    // A command that reads no input may have ended before it is written.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
