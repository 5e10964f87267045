import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, readCommonDir, readGitDir } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { isHeldByLiveProcess } from './landing-survivors.ts'
import type { SourceRef } from './source-ref.ts'

/** A lock that no living process holds. `ours` lies where only we write: in the vault, or among our pins. */
export interface LeftLock {
  readonly path: string
  readonly by: 'ours' | 'somebody'
}

/** What git locks in a repository as a whole. */
const COMMON = ['packed-refs.lock', 'config.lock', 'shallow.lock']
const OWN = ['index.lock', 'HEAD.lock']

/** Lists the locks in the vault and the registered checkout of a source that nobody alive holds. */
export async function findLeftLocks(layout: Layout, source: SourceRef): Promise<readonly LeftLock[]> {
  const gitDir = readGitDir(source.path)
  const commonDir = readCommonDir(gitDir)
  const vault = layout.vault(source.repo)
  const ours = [...locksBelow(join(vault, 'refs', 'signalbox')), ...locksBelow(join(commonDir, 'refs', 'signalbox', 'pins'))]
  const theirs = [...COMMON.map((name) => join(commonDir, name)), ...OWN.map((name) => join(gitDir, name))].filter((path) => existsSync(path))
  const found = [...ours.map((path) => ({ path, by: 'ours' as const })), ...theirs.map((path) => ({ path, by: 'somebody' as const }))]
  const left: LeftLock[] = []
  for (const lock of found) if (!(await isHeldByLiveProcess(lock.path, [source.path, gitDir, commonDir, vault]))) left.push(lock)
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
