import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { RunId, SourcePart } from '@signalbox/core'
import type { Layout } from './layout.ts'
import type { SourceRef } from './source-ref.ts'

/** Bytes of a trace that are read: thousands of git calls. What comes later is found by its reflog at best. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Environment that makes the git of an agent note what it does and where (trace2 of git, an event a line). Programs are
 * free to drop it; it accuses nobody by its absence.
 */
export function traceEnvironment(layout: Layout, run: RunId): Readonly<Record<string, string>> {
  return { GIT_TRACE2_EVENT: traceFile(layout, run), GIT_TRACE2_EVENT_BRIEF: '1' }
}

function traceFile(layout: Layout, run: RunId): string {
  return join(layout.run(run), 'git-trace.jsonl')
}

/** Returns the git commands that the run gave in the source itself, as `commit` or `fetch`; each once. */
export function readTrace(layout: Layout, run: RunId, { path }: SourceRef): ReadonlySet<string> {
  const places = new Map<string, string>()
  const names = new Map<string, string>()
  for (const line of readStart(traceFile(layout, run)).split('\n')) {
    if (line.includes('"def_repo"')) note(places, line, 'worktree')
    else if (line.includes('"cmd_name"')) note(names, line, 'name')
  }
  const here = [path, join(path, '.git')]
  return new Set([...names].flatMap(([process, name]) => (here.includes(places.get(process) ?? '') ? [name] : [])))
}

function note(into: Map<string, string>, line: string, field: string): void {
  try {
    const event: unknown = JSON.parse(line)
    if (typeof event !== 'object' || event === null) return
    const [process, value] = [Reflect.get(event, 'sid'), Reflect.get(event, field)]
    if (typeof process === 'string' && typeof value === 'string') into.set(process, value)
  } catch {
    // Half a line, or no event: whoever writes there is not to be trusted, and nothing is concluded from it.
  }
}

function readStart(file: string): string {
  try {
    const open = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { size } = fstatSync(open)
      const bytes = Buffer.alloc(Math.min(size, MAX_BYTES))
      return bytes.toString('utf8', 0, readSync(open, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(open)
    }
  } catch {
    return '' // no git was called, or the agent took the file away
  }
}

/** Commands that cannot but change these parts. One that may also only look, such as `branch` or `stash`, shows nothing. */
const writers: Readonly<Partial<Record<SourcePart, readonly string[]>>> = {
  ref: ['commit', 'pull', 'merge', 'rebase', 'cherry-pick', 'am', 'revert', 'reset', 'update-ref'],
  index: ['add', 'rm', 'mv', 'restore', 'reset', 'update-index'],
  head: ['checkout', 'switch'],
}

/** Returns a command the run gave in the source that changes such a part; undefined when it gave none. */
export function findWriter(commands: ReadonlySet<string>, part: SourcePart): string | undefined {
  return writers[part]?.find((command) => commands.has(command))
}

/** Tells whether the run gave a command in the source that takes commits in from elsewhere. */
export function hasTakenIn(commands: ReadonlySet<string>): boolean {
  return ['fetch', 'pull', 'merge', 'cherry-pick', 'rebase', 'reset', 'checkout', 'switch', 'am'].some((command) => commands.has(command))
}
