import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import type { AgentPresence } from '@signalbox/core'
import { findProgram } from './find-program.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What is to be found, and what to say about it. */
export interface Wanted {
  /** Name of the program on PATH. */
  readonly program: string
  /** How to install it: a sentence. */
  readonly install: string
  /** How to log in: a sentence. */
  readonly login: string
}

/** Milliseconds a program gets to say its version. Some start for two seconds; one that asks the network first must not hold a page. */
const versionMs = 8_000

/** Bytes of output that are looked at for a version. */
const maxVersionBytes = 64 * 1024

/** Versions by what was asked: a server is asked for its agents with every page. */
const known = new Map<string, Promise<string | null>>()

/** Looks for an agent's program and asks its version. Starts nothing but `PROGRAM --version`; never throws for what is not there. */
export async function detectProgram(wanted: Wanted, env: Environment, limitMs: number = versionMs): Promise<AgentPresence> {
  const program = findProgram(wanted.program, env)
  if (program === undefined) return { program: null, version: null, hint: wanted.install }
  const { ino, size, mtimeMs } = statSync(program)
  const key = [program, ino, size, mtimeMs].join('\0')
  const asked = known.get(key) ?? readVersion(program, env, limitMs)
  known.set(key, asked)
  const version = await asked
  // It may be slow this once: what was not learnt is asked again.
  if (version === null) known.delete(key)
  return { program, version, hint: version === null ? `${program} does not say its version within ${limitMs / 1000} s. ${wanted.install}` : wanted.login }
}

/** Asks a program its version, in a process group of its own that is gone afterwards; `null` when it does not say. */
function readVersion(program: string, env: Environment, limitMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, ['--version'], { env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    let said = ''
    const end = (version: string | null): void => {
      clearTimeout(timer)
      killGroup(child.pid)
      child.stdout.destroy()
      resolve(version)
    }
    const timer = setTimeout(() => end(null), limitMs)
    child.stdout.on('data', (piece: Buffer) => {
      if (said.length < maxVersionBytes) said += piece.toString('latin1')
    })
    child.once('error', () => end(null))
    child.once('close', () => end(/\d+\.\d+[\w.+-]*/.exec(said)?.[0] ?? null))
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // ESRCH: nothing of it is left, which is what is wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
