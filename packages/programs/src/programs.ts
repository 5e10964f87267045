import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { streamProgram, type ProgramCall, type ProgramFailure } from './stream-program.ts'

/** How a program ended. It never throws: what happened in another process has to be told in words as well. */
export type ProgramEnd = { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: Buffer; readonly stderr: Buffer } | ProgramFailure

/** Runs a program to its end. */
export type RunProgram = (call: ProgramCall) => Promise<ProgramEnd>

/** A program that outlives whoever started it. */
export interface LaunchCall extends Pick<ProgramCall, 'file' | 'args' | 'cwd' | 'env'> {
  /** Absolute path of the file that both its outputs are appended to; made for its owner alone. Its folder is there. */
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

async function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const pieces = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  const end = await streamProgram(call, (output, piece) => void pieces[output].push(piece))
  return end.kind === 'failed' ? end : { ...end, stdout: Buffer.concat(pieces.stdout), stderr: Buffer.concat(pieces.stderr) }
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
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
