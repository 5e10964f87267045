import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, readCommonDir, readGitDir } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { isHeldByLiveProcess } from './landing-survivors.ts'
import { CHECKOUT_LOCKS, listWorktreeDirs, readWorktreePath } from './operation.ts'
import type { SourceRef } from './source-ref.ts'

/** A lock that no living process holds. `ours` lies where only we write: in the vault, or among our pins. */
export interface LeftLock {
  readonly path: string
  readonly by: 'ours' | 'somebody'
}

/** What git locks in a repository as a whole. */
const COMMON = ['packed-refs.lock', 'config.lock', 'shallow.lock']

/** Lists the locks in the vault and the repository of a source that nobody alive holds: of its branches and all its worktrees, as the gate looks at them. */
export async function findLeftLocks(layout: Layout, source: SourceRef): Promise<readonly LeftLock[]> {
  const commonDir = readCommonDir(readGitDir(source.path))
  const gitDirs = listWorktreeDirs(commonDir)
  const vault = layout.vault(source.repo)
  const ours = [...locksBelow(join(vault, 'refs', 'signalbox')), ...locksBelow(join(commonDir, 'refs', 'signalbox', 'pins'))]
  const named = [...COMMON.map((name) => join(commonDir, name)), ...gitDirs.flatMap((gitDir) => CHECKOUT_LOCKS.map((name) => join(gitDir, name)))]
  const theirs = [...named.filter((path) => existsSync(path)), ...locksBelow(join(commonDir, 'refs', 'heads'))]
  const found = [...ours.map((path) => ({ path, by: 'ours' as const })), ...theirs.map((path) => ({ path, by: 'somebody' as const }))]
  const left: LeftLock[] = []
  const folders = [source.path, vault, commonDir, ...gitDirs.map((gitDir) => readWorktreePath(commonDir, gitDir))]
  for (const lock of found) if (!(await isHeldByLiveProcess(lock.path, folders))) left.push(lock)
  return left
}

/** Removes a lock of ours that nobody alive holds; the caller holds what keeps others of us from taking one. */
export async function removeLeftLock(layout: Layout, source: SourceRef, { path }: LeftLock): Promise<void> {
  const still = (await findLeftLocks(layout, source)).some((lock) => lock.path === path && lock.by === 'ours')
  if (still) await rm(path, { force: true })
}

function locksBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.lock'))
      .map((name) => join(folder, name))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
