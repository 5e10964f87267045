import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'

/** A program that is waited for, and all that it gets. */
export interface ProgramCall {
  /** Absolute path, or a name that is looked for on the PATH of `env`. */
  readonly file: string
  readonly args: readonly string[]
  /** Absolute path of the folder it starts in. */
  readonly cwd: string
  /** The whole environment; nothing is inherited, and what is undefined is left out. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Bytes of its standard input, which ends after them. Nothing by default. */
  readonly input?: string | Uint8Array
  /** Milliseconds after which it is killed, and not waited for any longer. */
  readonly timeoutMs: number
  /** Bytes of each of its outputs after which it is killed. */
  readonly maxBytes: number
}

export interface ProgramFailure {
  readonly kind: 'failed'
  /**
   * `not_found`: there is no such program, or no such folder to start it in. `timed_out`: also when it ended and somebody it started still
   * holds its output. `ended`: by a signal, or with the process that started it.
   */
  readonly why: 'not_found' | 'not_started' | 'timed_out' | 'overflow' | 'ended'
  readonly message: string
}

export type StreamEnd = { readonly kind: 'exited'; readonly exitCode: number } | ProgramFailure

export type Output = 'stdout' | 'stderr'

/** Gets a piece of an output; no more comes of it before a returned promise is settled, but for what is in the pipe when the program ends. */
export type ToldPiece = (output: Output, piece: Buffer) => Promise<void> | void

/**
 * Runs a program and tells its outputs as they come. It never throws. A program that does not end is killed and left behind: one that
 * waits for a dead disk cannot even be killed.
 */
export function streamProgram({ file, args, cwd, env, input = '', timeoutMs, maxBytes }: ProgramCall, told: ToldPiece): Promise<StreamEnd> {
  return new Promise((resolve) => {
    const child = begin()
    if (child === undefined) return
    const timer = setTimeout(() => stop('timed_out', `it did not end within ${timeoutMs / 1_000} s`), timeoutMs)
    child.once('error', (error: NodeJS.ErrnoException) => finish({ kind: 'failed', why: error.code === 'ENOENT' ? 'not_found' : 'not_started', message: error.message }))
    child.once('close', (exitCode, signal) => finish(exitCode === null ? { kind: 'failed', why: 'ended', message: `it was ended by ${signal}` } : { kind: 'exited', exitCode }))
    // There are no streams where the system had none left to give; the error says so.
    for (const output of ['stdout', 'stderr'] as const) {
      const stream = child[output] ?? undefined
      if (stream !== undefined) follow(stream, output)
    }
    // A program that ends without reading its input closes the pipe; its exit code says what that means.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)

    function begin(): ChildProcess | undefined {
      try {
        return spawn(file, args, { cwd, env, windowsHide: true })
      } catch (error) {
        // Such as an argument that no program can be given.
        resolve({ kind: 'failed', why: 'not_started', message: error instanceof Error ? error.message : String(error) })
        return undefined
      }
    }

    function follow(stream: Readable, output: Output): void {
      let bytes = 0
      stream.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > maxBytes) return stop('overflow', `it said more than ${maxBytes} bytes`)
        const taken = told(output, piece)
        if (taken === undefined) return
        stream.pause()
        void taken.finally(() => stream.resume())
      })
    }

    function stop(why: ProgramFailure['why'], message: string): void {
      child?.kill('SIGKILL')
      for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy()
      finish({ kind: 'failed', why, message })
    }

    function finish(end: StreamEnd): void {
      clearTimeout(timer)
      resolve(end)
    }
  })
}
