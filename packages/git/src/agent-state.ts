import { join } from 'node:path'
import { parseOid, type Oid } from '@signalbox/core'
import type { AgentDirs } from './agent-dirs.ts'
import { readPlain } from './git-dir.ts'
import { parseIndex, type IndexFile } from './index-file.ts'

/**
 * What the git directory of a run says, read by us as plain files: it belongs to the agent, who may have put
 * anything there, so no git of ours is ever started on it.
 */
export interface AgentState {
  /** Commit that HEAD leads to, whatever the branch; undefined when it leads to none. */
  readonly head: Oid | undefined
  readonly index: Pick<IndexFile, 'files' | 'special' | 'unmerged'>
  /** Files of the git directory that are there and could not be understood. */
  readonly unreadable: readonly string[]
}

const nothing: AgentState['index'] = { files: [], special: [], unmerged: [] }

/** Reads what HEAD and index of a run's checkout say. */
export function readAgentState({ gitDir, worktree }: AgentDirs, oidBytes: 20 | 32): AgentState {
  const head = attempt('.git/HEAD', () => readHeadCommit(gitDir, worktree))
  const index = attempt('.git/index', () => readIndex(worktree, oidBytes))
  return { head: head.value, index: index.value ?? nothing, unreadable: [...head.failed, ...index.failed] }
}

/** A file we cannot read is the agent's doing and no fault of ours: it is named in the snapshot, which then is incomplete. */
function attempt<T>(name: string, read: () => T): { readonly value: T | undefined; readonly failed: readonly string[] } {
  try {
    return { value: read(), failed: [] }
  } catch {
    return { value: undefined, failed: [name] }
  }
}

function readHeadCommit(gitDir: string, worktree: string): Oid | undefined {
  const own = readPlain(join(worktree, 'HEAD'))
  // Git never removes it: what was staged and committed here is gone with it, and nobody knows what that was.
  if (own === undefined) throw new TypeError('there is no HEAD')
  let text: string | undefined = own.toString('latin1').trim()
  for (let depth = 0; depth < 5; depth += 1) {
    if (text === undefined || text === '') return undefined
    const ref: string | undefined = /^ref: (refs\/[^\0]+)$/.exec(text)?.[1]
    if (ref === undefined) return strictOid(text)
    if (ref.split('/').some((part) => part === '' || part.startsWith('.'))) throw new TypeError(`no name of a branch: ${ref}`)
    text = (readPlain(join(gitDir, ref)) ?? readPlain(join(worktree, ref)))?.toString('latin1').trim() ?? readPacked(gitDir, ref)
  }
  throw new TypeError('HEAD leads in a circle')
}

/** Returns what a ref of a git directory names, without starting git; undefined when there is none. */
export function readRef(gitDir: string, ref: string): string | undefined {
  return readPlain(join(gitDir, ref))?.toString('latin1').trim() ?? readPacked(gitDir, ref)
}

function readPacked(gitDir: string, ref: string): string | undefined {
  const packed = readPlain(join(gitDir, 'packed-refs'))?.toString('latin1') ?? ''
  return packed.split('\n').find((line) => line.endsWith(` ${ref}`))?.split(' ')[0]
}

function strictOid(text: string): Oid {
  const oid = parseOid(text)
  if (oid === undefined) throw new TypeError('HEAD names no commit')
  return oid
}

function readIndex(worktree: string, oidBytes: 20 | 32): AgentState['index'] {
  const bytes = readPlain(join(worktree, 'index'))
  if (bytes === undefined) return nothing
  const own = parseIndex(bytes, oidBytes)
  // Zeros: it was laid over another one, and stands alone again.
  if (own.sharedIndex === undefined || /^0+$/.test(own.sharedIndex)) return own
  const bytesBelow = readPlain(join(worktree, `sharedindex.${own.sharedIndex}`))
  if (bytesBelow === undefined) throw new TypeError('the index below it is gone')
  const below = parseIndex(bytesBelow, oidBytes)
  return { files: [...below.files, ...own.files], special: [...below.special, ...own.special], unmerged: [...below.unmerged, ...own.unmerged] }
}
