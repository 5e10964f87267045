import { existsSync } from 'node:fs'
import { ControlError } from '@signalbox/core'
import { programsHere, streamProgram, type ProgramCall, type ProgramEnd, type RunProgram } from '@signalbox/programs'
import { setupEnvironment } from 'dugite'
import { buildEnvironment, type Profile } from './environment.ts'
import { findGit, type GitLocation } from './find-git.ts'

/** Milliseconds one git process may take: long for a checkout of a large repository, short for a hung disk. */
const TIMEOUT_MS = 60_000

/** Bytes of output after which git is stopped: far above any honest answer, far below what a process can hold. */
const MAX_BUFFER = 512 * 1024 * 1024

export interface GitCall {
  /** Folder the process starts in; without `gitDir` it also says which repository is meant. */
  readonly cwd: string
  readonly gitDir?: string
  readonly workTree?: string
  readonly indexFile?: string
  readonly stdin?: string | Buffer
  /** Exit codes that are answers; every other one throws. Default: only 0. */
  readonly okExits?: readonly number[]
  /** Settings on top of the profile's; the caller names them like `-c` does. */
  readonly config?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly maxBuffer?: number
  /** Gets the output piece by piece as it comes, however much it is; the answer then has none. */
  readonly into?: TakePiece
}

/** Takes the next piece of an output; no more comes before it is done. */
export type TakePiece = (piece: Buffer) => Promise<void>

export interface GitAnswer {
  readonly exitCode: number
  readonly stdout: Buffer
  /** `stdout` as UTF-8 text. */
  readonly text: string
  readonly stderr: string
}

/**
 * Runs one git command and returns its answer.
 * @throws ControlError `git.command_failed`, `git.not_found`, `git.too_old`, `git.timed_out`
 */
export type Git = (profile: Profile, args: readonly [string, ...string[]], call: GitCall) => Promise<GitAnswer>

export interface GitOptions {
  /** Environment the human's HOME, settings and PATH are taken from. Default: this process's, read at each call. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What starts git. Default: this process itself. */
  readonly runProgram?: RunProgram
}

/** The one door to git of this machine. */
export type GitDoor = Git & {
  /** Returns the machine's own settings file, which need not be there. */
  readonly systemSettings: () => Promise<string>
}

/** Creates the one door to git. The installed git is looked for at the first call, on the PATH of that moment. */
export function createGit(options: GitOptions = {}): GitDoor {
  const { runProgram = programsHere.run } = options
  let location: Promise<GitLocation> | undefined
  const locate = (inherited: NonNullable<GitOptions['env']>): Promise<GitLocation> => {
    location ??= findGit(inherited['PATH'] ?? '', runProgram).catch((error: unknown) => {
      location = undefined // an install meanwhile should be found by the next call
      throw error
    })
    return location
  }
  const start = (args: readonly string[], env: Readonly<Record<string, string>>, call: GitCall): Promise<ProgramEnd> => {
    const prepared = setupEnvironment(env, {}) // of this process's own environment, nothing
    const program: ProgramCall = {
      file: prepared.gitLocation,
      args,
      cwd: call.cwd,
      env: prepared.env,
      ...(call.stdin === undefined ? {} : { input: call.stdin }),
      timeoutMs: call.timeoutMs ?? TIMEOUT_MS,
      maxBytes: call.maxBuffer ?? MAX_BUFFER,
    }
    return call.into === undefined ? runProgram(program) : streamInto(program, call.into)
  }
  const git: Git = async (profile, args, call) => {
    const inherited = options.env ?? process.env
    const found = await locate(inherited)
    const env = buildEnvironment({ profile, location: found, inherited, config: call.config ?? {}, env: { ...call.env, ...placeVariables(call) } })
    return answerOf(await start(args, env, call), args, call)
  }
  return Object.assign(git, {
    systemSettings: async () => {
      const inherited = options.env ?? process.env
      return inherited['GIT_CONFIG_SYSTEM'] ?? (await locate(inherited)).systemConfig
    },
  })
}

/** Runs a program and hands on its output, one piece after the other; what goes wrong with one is thrown once the program has ended. */
async function streamInto(program: ProgramCall, into: TakePiece): Promise<ProgramEnd> {
  const stderr: Buffer[] = []
  let fault: { readonly error: unknown } | undefined
  const take = async (piece: Buffer): Promise<void> => {
    if (fault === undefined) await into(piece).catch((error: unknown) => void (fault = { error }))
  }
  let taken = Promise.resolve()
  const end = await streamProgram({ ...program, maxBytes: Infinity }, (output, piece) => {
    if (output === 'stderr') return void stderr.push(piece)
    // What is still in the pipe when the program ends comes without waiting.
    taken = taken.then(() => take(piece))
    return taken
  })
  await taken
  if (fault !== undefined) throw fault.error
  return end.kind === 'failed' ? end : { ...end, stdout: Buffer.alloc(0), stderr: Buffer.concat(stderr) }
}

function placeVariables({ gitDir, workTree, indexFile }: GitCall): Record<string, string> {
  return {
    ...(gitDir === undefined ? {} : { GIT_DIR: gitDir }),
    ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
    ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
  }
}

/** @throws ControlError unless the command ended with an exit that is an answer to the caller */
function answerOf(end: ProgramEnd, args: readonly [string, ...string[]], call: GitCall): GitAnswer {
  if (end.kind === 'failed') throw end.why === 'timed_out' ? timedOut(args, call) : notEnded(args, call, end)
  const stderr = end.stderr.toString()
  if (!(call.okExits ?? [0]).includes(end.exitCode)) throw commandFailed(args, call, end.exitCode, stderr)
  const { stdout, exitCode } = end
  return {
    exitCode,
    stdout,
    stderr,
    get text() {
      return stdout.toString()
    },
  }
}

/** Names the command and its place, never the whole argument list: a caller may have hundreds of paths in it. */
function describe(args: readonly string[], call: GitCall): string {
  return `git ${args[0]} in ${call.workTree ?? call.gitDir ?? call.cwd}`
}

function commandFailed(args: readonly string[], call: GitCall, exitCode: number, stderr: string): ControlError {
  const said = keepWords(stderr)
  return new ControlError('git.command_failed', `${describe(args, call)} exited ${exitCode}${said === '' ? '' : `: ${said}`}`, {
    hint: 'Run `signalbox doctor` to check the repository',
    data: { command: args[0], args: args.slice(0, 20), cwd: call.cwd, exitCode, stderr: said },
  })
}

/** Keeps the last words of git, and before them the line that says what failed: much advice may follow it. */
function keepWords(stderr: string): string {
  const lines = stderr.trim().split('\n')
  const tail = lines.slice(-5).join('\n').slice(-1000)
  const failure = lines.find((line) => /^(?:fatal|error): /.test(line))?.slice(0, 1000)
  return failure === undefined || tail.includes(failure) ? tail : `${failure}\n${tail}`
}

/** Tells whether git was stopped because it said more than the caller would hold. */
export function isOverflow(error: unknown): boolean {
  return error instanceof ControlError && error.data?.['why'] === 'overflow'
}

function timedOut(args: readonly string[], call: GitCall): ControlError {
  const timeoutMs = call.timeoutMs ?? TIMEOUT_MS
  return new ControlError('git.timed_out', `${describe(args, call)} did not end within ${timeoutMs / 1000} s and was stopped`, {
    hint: 'Check that the disk answers, then try again',
    data: { command: args[0], cwd: call.cwd, timeoutMs },
  })
}

function notEnded(args: readonly string[], call: GitCall, { why, message }: Extract<ProgramEnd, { readonly kind: 'failed' }>): ControlError {
  const because = existsSync(call.cwd) ? message : `the folder ${call.cwd} does not exist`
  return new ControlError('git.command_failed', `${describe(args, call)} failed: ${because}`, {
    hint: 'Run `signalbox doctor` to check the repository',
    data: { command: args[0], cwd: call.cwd, why },
  })
}
