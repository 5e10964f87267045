import { spawn } from 'node:child_process'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AgentPresence } from '@signalbox/core'
import { findProgram } from './find-program.ts'
import { asObject, asText } from './output/json.ts'

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

/**
 * Looks for an agent's program and its version: as its package says, else as `PROGRAM --version` does, which is all that is ever
 * started; one of them unpacks 235 MB before it answers. Never throws for what is not there.
 */
export async function detectProgram(wanted: Wanted, env: Environment, limitMs: number = versionMs): Promise<AgentPresence> {
  const program = findProgram(wanted.program, env)
  if (program === undefined) return { program: null, version: null, hint: wanted.install }
  const packed = packedVersion(program)
  if (packed !== undefined) return { program, version: packed, hint: wanted.login }
  const { ino, size, mtimeMs } = statSync(program)
  const key = [program, ino, size, mtimeMs].join('\0')
  const asked = known.get(key) ?? readVersion(program, env, limitMs)
  known.set(key, asked)
  const version = await asked
  // It may be slow this once: what was not learnt is asked again.
  if (version === null) known.delete(key)
  return { program, version, hint: version === null ? `${program} does not say its version within ${limitMs / 1000} s. ${wanted.install}` : wanted.login }
}

/** Returns the version of the package a program was installed with; `undefined` when npm did not bring it. */
function packedVersion(program: string): string | undefined {
  for (let folder = dirname(realpathSync(program)); folder.includes('/node_modules/'); folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'))
    if (version !== undefined) return version
  }
  return undefined
}

function versionIn(manifest: string): string | undefined {
  try {
    return findVersion(asText(asObject(JSON.parse(readFileSync(manifest, 'utf8')))['version']) ?? '')
  } catch {
    // None in this folder, or one that cannot be read: then the program is asked.
    return undefined
  }
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
    child.once('close', () => end(findVersion(said) ?? null))
  })
}

/** Returns the first of a text that looks like a version, and nothing else of it: it is shown as it is. */
function findVersion(text: string): string | undefined {
  return /\d{1,9}\.\d{1,9}[\w.+-]{0,60}/.exec(text)?.[0]
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
