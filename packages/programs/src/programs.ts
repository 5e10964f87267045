import { execFile, spawn, type ExecFileException } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'

/** A program that is waited for, and all that it gets. */
export interface ProgramCall {
  /** Path, or a name that is looked for on the PATH of `env`. */
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; nothing is inherited, and what is undefined is left out. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Bytes of its standard input, which ends after them. Nothing by default. */
  readonly input?: string | Uint8Array
  /** Milliseconds after which it is killed. */
  readonly timeoutMs: number
  /** Bytes of output after which it is killed. */
  readonly maxBytes: number
}

/** How it ended. It never throws: what happened in another process has to be told in words as well. */
export type ProgramEnd =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: Buffer; readonly stderr: Buffer }
  | {
      readonly kind: 'failed'
      /** `not_found`: there is no such program, or no such folder to start it in. `ended`: by a signal, or with the process that started it. */
      readonly why: 'not_found' | 'not_started' | 'timed_out' | 'overflow' | 'ended'
      readonly message: string
    }

/** Runs a program to its end. */
export type RunProgram = (call: ProgramCall) => Promise<ProgramEnd>

/** A program that outlives whoever started it. */
export interface LaunchCall extends Pick<ProgramCall, 'file' | 'args' | 'cwd' | 'env'> {
  /** File that both its outputs are appended to; made for its owner alone. Its folder is there. */
  readonly log: string
}

export type LaunchEnd = { readonly kind: 'launched'; readonly pid: number } | { readonly kind: 'failed'; readonly message: string }

/** How programs are started: by this process, or by a smaller one for it. */
export interface Programs {
  readonly run: RunProgram
  /** Starts a program in a session of its own, without input, and does not wait for its end. */
  readonly launch: (call: LaunchCall) => Promise<LaunchEnd>
}

/** Starts programs from this process, which costs the more the more memory it has: the system copies its page tables. */
export const programsHere: Programs = { run: runProgram, launch: launchProgram }

function runProgram({ file, args, cwd, env, input = '', timeoutMs, maxBytes }: ProgramCall): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    try {
      const options = { cwd, env, timeout: timeoutMs, maxBuffer: maxBytes, encoding: 'buffer', killSignal: 'SIGKILL', windowsHide: true } as const
      const child = execFile(file, args, options, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : error.code
        resolve(typeof exitCode === 'number' ? { kind: 'exited', exitCode, stdout, stderr } : { kind: 'failed', why: whyOf(error), message: error?.message ?? '' })
      })
      // A program that ends without reading its input closes the pipe; its exit code says what that means.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(input)
    } catch (error) {
      // Such as an argument that no program can be given.
      resolve({ kind: 'failed', why: 'not_started', message: messageOf(error) })
    }
  })
}

function whyOf(error: ExecFileException | null): Extract<ProgramEnd, { kind: 'failed' }>['why'] {
  if (error?.code === 'ENOENT') return 'not_found'
  if (String(error?.code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'overflow'
  if (error?.killed === true) return 'timed_out'
  return typeof error?.signal === 'string' ? 'ended' : 'not_started'
}

async function launchProgram({ file, args, cwd, env, log }: LaunchCall): Promise<LaunchEnd> {
  try {
    const output = openSync(log, 'a', 0o600)
    try {
      const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] })
      await once(child, 'spawn')
      child.unref()
      return child.pid === undefined ? { kind: 'failed', message: `${file} has no process` } : { kind: 'launched', pid: child.pid }
    } finally {
      closeSync(output)
    }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
