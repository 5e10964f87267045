import { existsSync } from 'node:fs'
import { devNull, userInfo } from 'node:os'
import { ControlError } from '@signalbox/core'
import { programsHere, type ProgramEnd, type RunProgram } from '@signalbox/programs'
import type { Environment } from './state-folder.ts'

/** What one git command answered. */
export interface GitAnswer {
  readonly code: number
  readonly stdout: string
}

/** How one git command is run. */
export interface GitOptions {
  /** Bytes for standard input; nothing by default. */
  readonly input?: string | Uint8Array
  /** Exit codes that are answers; all others throw. Only 0 by default. */
  readonly exits?: readonly number[]
  /** Folder to run in; the memory repo by default. */
  readonly cwd?: string
  /** Variables for this command on top of the built environment, such as `GIT_INDEX_FILE`. */
  readonly variables?: Readonly<Record<string, string>>
}

/** Git in one memory repo. Every command of this package goes through here. */
export interface MemoryGit {
  /** @throws ControlError `git.not_found`, `git.command_failed`, `git.timed_out`, `memory.not_found` */
  run(args: readonly string[], options?: GitOptions): Promise<GitAnswer>
}

/** Milliseconds for one command. Nothing we run takes a second; a hung disk must not hang everything. */
const TIMEOUT_MS = 60_000
const MAX_OUTPUT = 256 * 1024 * 1024

/** What the human may need from their own environment; nothing that begins with GIT_ is passed on. */
const inherited = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SystemRoot', 'USERPROFILE', 'PATHEXT']

/** No hook, watcher, signature, prompt or clean-up of git's own; objects and refs are on disk before the command ends. */
const settings = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.quotePath=false',
  'core.fsync=all',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'safe.bareRepository=explicit',
].flatMap((setting) => ['-c', setting])

/** Creates git for the repository at `dir`, with an environment built from `environment`; `runProgram` starts it. */
export function createMemoryGit(dir: string, environment: Environment, runProgram: RunProgram = programsHere.run): MemoryGit {
  const variables = { ...pick(environment), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_NO_REPLACE_OBJECTS: '1', GIT_NO_LAZY_FETCH: '1', GIT_LITERAL_PATHSPECS: '1', GIT_EDITOR: 'false' }
  return {
    run: async (args, { input = '', exits = [0], cwd = dir, variables: more } = {}) => {
      const end = await runProgram({ file: 'git', args: [...settings, ...args], cwd, env: { ...variables, ...more }, input, timeoutMs: TIMEOUT_MS, maxBytes: MAX_OUTPUT })
      if (end.kind === 'exited' && exits.includes(end.exitCode)) return { code: end.exitCode, stdout: end.stdout.toString() }
      throw faultOf(dir, args, end)
    },
  }
}

/** Who makes our commits. */
export interface Identity {
  readonly name: string
  readonly email: string
}

/** Returns who makes our commits: the human of the repository, else the user of this machine. */
export async function readIdentity(git: MemoryGit): Promise<Identity> {
  const user = readUserName()
  const { stdout } = await git.run(['config', '-z', '--get-regexp', String.raw`^user\.(name|email)$`], { exits: [0, 1] })
  // Of several values of a key the last one counts; each is `key\nvalue`.
  const values = new Map(stdout.split('\0').map((entry) => [entry.split('\n', 1)[0] ?? '', entry.slice(entry.indexOf('\n') + 1).trim()]))
  return { name: values.get('user.name') || user, email: values.get('user.email') || `${user}@localhost` }
}

function readUserName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under an id that no user has.
    return 'unknown'
  }
}

function pick(environment: Environment): Record<string, string> {
  return Object.fromEntries(inherited.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])))
}

function faultOf(dir: string, args: readonly string[], end: ProgramEnd): ControlError {
  const name = args[0] ?? ''
  if (end.kind === 'exited') {
    const said = end.stderr.toString().trim().split('\n').slice(-3).join(' ')
    return commandFailed(`git ${name} failed in ${dir} (${end.exitCode}): ${said}`)
  }
  if (end.why === 'not_found') {
    if (!existsSync(dir)) return new ControlError('memory.not_found', `The memory repo at ${dir} is gone`, { hint: 'Name another with --memory' })
    return new ControlError('git.not_found', 'There is no git on the PATH', { hint: 'Install git and try again' })
  }
  if (end.why === 'timed_out') return new ControlError('git.timed_out', `git ${name} in ${dir} took more than ${TIMEOUT_MS / 1000} s and was ended`, { hint: 'Check the disk and try again' })
  return commandFailed(`git ${name} failed in ${dir}: ${end.message}`)
}

function commandFailed(sentence: string): ControlError {
  return new ControlError('git.command_failed', sentence, { hint: 'Run `signalbox doctor` to check the memory repo' })
}
