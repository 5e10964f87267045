import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { RunId, SourcePart } from '@signalbox/core'
import { isMissing, readGitDir } from './git-dir.ts'
import { keepFile } from './kept-file.ts'
import type { Layout } from './layout.ts'
import type { SourceRef } from './source-ref.ts'

/** Bytes of a trace that are read: thousands of git calls. What comes later is found by its reflog at best. */
const MAX_BYTES = 64 * 1024 * 1024

/** Different commands and places that are kept. */
const MAX_COMMANDS = 10_000

/**
 * Environment that makes the git of an agent note what it does and where (trace2 of git, an event a line), with the git
 * directory where that is not simply `.git`. Programs are
 * free to drop it; it accuses nobody by its absence.
 */
export function traceEnvironment(layout: Layout, run: RunId): Readonly<Record<string, string>> {
  return { GIT_TRACE2_EVENT: traceFile(layout, run), GIT_TRACE2_EVENT_BRIEF: '1', GIT_TRACE2_ENV_VARS: 'GIT_DIR' }
}

function traceFile(layout: Layout, run: RunId): string {
  return join(layout.run(run), 'git-trace.jsonl')
}

function commandsFile(layout: Layout, run: RunId): string {
  return join(layout.run(run), 'git-commands.jsonl')
}

/** What is kept of a git process of the run: `commit`, the worktree it worked in, the git directory that it changed, and how it ended. */
interface Command {
  readonly command: string
  readonly place: string
  /** Undefined where nobody knows it any more. */
  readonly gitDir: string | undefined
  readonly exit: number
}

/**
 * Keeps of a run's trace which commands ended how and where, and deletes it: it has every argument in the clear, also
 * passwords. To be called once the run's processes have ended.
 */
export async function digestTrace(layout: Layout, run: RunId): Promise<void> {
  const trace = readStart(traceFile(layout, run))
  if (trace === undefined) return
  const all = [...readKeptCommands(layout, run), ...listCommands(trace)]
  const kept = [...new Set(all.map((one) => JSON.stringify(one)))].slice(0, MAX_COMMANDS)
  await keepFile(layout.work, commandsFile(layout, run), [Buffer.from(kept.map((line) => `${line}\n`).join(''))])
  rmSync(traceFile(layout, run), { force: true, recursive: true })
}

/** Returns the git commands that the run gave in the source itself with success so far, as `commit` or `fetch`; each once. */
export function readCommands(layout: Layout, run: RunId, { path }: SourceRef): ReadonlySet<string> {
  const here = [path, join(path, '.git')]
  const gitDir = realPathOf(readGitDir(path))
  const given = [...readKeptCommands(layout, run), ...listCommands(readStart(traceFile(layout, run)) ?? '')]
  return new Set(given.flatMap((one) => {
    const isHere = one.gitDir === undefined ? here.includes(one.place) : one.gitDir === gitDir
    return one.exit === 0 && isHere ? [one.command] : []
  }))
}

function readKeptCommands(layout: Layout, run: RunId): readonly Command[] {
  const kept = readStart(commandsFile(layout, run)) ?? ''
  return kept.split('\n').flatMap((line) => {
    const [command, place, exit, gitDir] = fieldsOf(line, ['command', 'place', 'exit', 'gitDir'])
    return typeof command === 'string' && typeof place === 'string' && typeof exit === 'number' ? [{ command, place, gitDir: typeof gitDir === 'string' ? gitDir : undefined, exit }] : []
  })
}

function listCommands(trace: string): readonly Command[] {
  const [places, gitDirs, names, exits] = [new Map<string, string>(), new Map<string, string>(), new Map<string, string>(), new Map<string, number>()]
  const findGitDir = createFindGitDir()
  for (const line of trace.split('\n')) {
    if (!/"event":"(?:def_repo|def_param|cmd_name|exit)"/.test(line)) continue
    const [process, place, name, exit, hierarchy, parameter, value] = fieldsOf(line, ['sid', 'worktree', 'name', 'code', 'hierarchy', 'param', 'value'])
    if (typeof process !== 'string') continue
    if (typeof place === 'string') places.set(process, place)
    if (parameter === 'GIT_DIR' && typeof value === 'string') gitDirs.set(process, value)
    // What receives a push says no place; what it starts does.
    if (typeof name === 'string') names.set(process, typeof hierarchy === 'string' && hierarchy.includes('/receive-pack/') ? 'receive-pack' : name)
    if (typeof exit === 'number') exits.set(process, exit)
  }
  return [...names].flatMap(([process, command]) => {
    const [place, exit] = [places.get(process), exits.get(process)]
    return place === undefined || exit === undefined ? [] : [{ command, place, gitDir: findGitDir(place, gitDirs.get(process)), exit }]
  })
}

/** Finds git directories as they are now, each once: git names one only where it is not the folder `.git`, and an agent may have led that elsewhere. */
function createFindGitDir(): (place: string, named: string | undefined) => string | undefined {
  const found = new Map<string, string | undefined>()
  return (place, named) => {
    const path = named === undefined ? join(place, '.git') : resolve(place, named)
    if (!found.has(path)) found.set(path, realPathOf(path))
    return found.get(path)
  }
}

/** Returns where a folder really is; undefined where there is none that can be reached. */
function realPathOf(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isDirectory() ? real : undefined
  } catch {
    return undefined // what nobody can reach is no git directory of a source
  }
}

/** Half a line, or none of ours, has no fields: whoever writes there is not to be trusted, and nothing is concluded from it. */
function fieldsOf(line: string, names: readonly string[]): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? names.map((name): unknown => Reflect.get(value, name)) : []
  } catch {
    return []
  }
}

/** Returns the start of a trace; undefined when there is none, for no git was called, or the agent took the file away. */
function readStart(path: string): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const kind = fstatSync(file)
      const bytes = Buffer.alloc(kind.isFile() ? Math.min(kind.size, MAX_BYTES) : 0)
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return isMissing(error) ? undefined : '' // what is no file says nothing, and goes
  }
}

/** Commands that cannot but change these parts. One that may also only look, such as `branch` or `stash`, shows nothing. */
const writers: Readonly<Partial<Record<SourcePart, readonly string[]>>> = {
  index: ['add', 'rm', 'mv', 'reset', 'update-index'],
  head: ['checkout', 'switch'],
}

/** Returns a command the run gave in the source that changes such a part; undefined when it gave none. */
export function findWriter(commands: ReadonlySet<string>, part: Exclude<SourcePart, 'ref'>): string | undefined {
  return writers[part]?.find((command) => commands.has(command))
}

/** Commands by the name they have in the log of a ref they move. */
const movers: ReadonlyMap<string, string> = new Map([...['commit', 'pull', 'merge', 'rebase', 'cherry-pick', 'am', 'revert', 'reset'].map((command) => [command, command] as const), ['push', 'receive-pack']])

/**
 * Returns a command the run gave in the source that moved a ref, by what its log says of the move. Where it says
 * nothing, as of a tag or what is gone, only `update-ref` is certain to.
 */
export function findMover(commands: ReadonlySet<string>, log: string | undefined): string | undefined {
  const action = /^[a-z-]+/.exec(log ?? '')?.[0]
  const command = action === undefined ? 'update-ref' : movers.get(action)
  return command !== undefined && commands.has(command) ? command : undefined
}

/** Tells whether the run gave a command in the source that takes commits in from elsewhere. */
export function hasTakenIn(commands: ReadonlySet<string>): boolean {
  return ['fetch', 'pull', 'merge', 'cherry-pick', 'rebase', 'reset', 'checkout', 'switch', 'am'].some((command) => commands.has(command))
}
