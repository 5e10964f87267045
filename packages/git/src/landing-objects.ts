import { randomUUID } from 'node:crypto'
import { constants, copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, ControlError, messageOf, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { gitInSource, type SourceRef } from './source-ref.ts'
import type { Vault } from './vault.ts'

/** Between which repositories objects are carried. */
export interface Carriage {
  readonly git: Git
  readonly vault: Vault
  readonly source: SourceRef
  /** Where the pack is made; thrown away by the caller. On the same disk as the vault. */
  readonly folder: string
}

/**
 * Brings a commit and everything it adds to `base` from the vault into the source, as one pack that is made in the
 * vault and then linked into place. A fetch would write its temporary files into the human's repository, where a
 * kill leaves them lying for weeks; this leaves there either nothing or a finished pack.
 */
export async function carryObjects({ git, vault, source, folder }: Carriage, change: { readonly commit: Oid; readonly base: Oid }): Promise<void> {
  const { exitCode } = await gitInSource(git, source.path)(['cat-file', '-e', change.commit], { okExits: [0, 1, 128] })
  if (exitCode === 0) return
  try {
    await carryPack({ vault, folder }, join(readCommonDir(readGitDir(source.path)), 'objects', 'pack'), change)
  } catch (error) {
    throw codeOf(error) === undefined ? diskFault(source, error) : error
  }
}

/** The index goes last: git takes a pack for complete as soon as it sees its index. */
const PARTS = ['.pack', '.idx'] as const

/** The same between two repositories of ours: `store` is the folder of packs it goes into, `folder` where it is made. */
export async function carryPack({ vault, folder }: Pick<Carriage, 'vault' | 'folder'>, store: string, { commit, base }: { readonly commit: Oid; readonly base: Oid }): Promise<void> {
  const { text } = await vault.git(['pack-objects', '--revs', '--quiet', '--delta-base-offset', join(folder, 'pack')], { stdin: `${commit}\n^${base}\n` })
  await placePack(folder, text.trim(), store)
}

/** Puts the finished pack of this name into the folder of packs of a repository, be it on another disk. */
export async function placePack(folder: string, name: string, store: string): Promise<void> {
  await mkdir(store, { recursive: true })
  for (const part of PARTS) await place(join(folder, `pack-${name}${part}`), join(store, `pack-${name}${part}`))
  await sync(store)
}

function diskFault({ repo, path }: SourceRef, cause: unknown): ControlError {
  const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
  const message = `The objects of the change could not be brought into ${repo} at ${path}: ${messageOf(cause)}`
  return isFull
    ? new ControlError('disk.full', message, { hint: 'Make room there and merge again; nothing was changed', cause })
    : new ControlError('disk.unwritable', message, { hint: 'Check that its .git folder is yours to write, then merge again', cause })
}

/** Puts a finished file where it belongs, whole or not at all; one that is there already has the same bytes, its name being their hash. */
async function place(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP') throw error
    await copyInto(from, to)
  }
}

/** For another disk, or one without hard links. Git itself sweeps away old files with this beginning. */
async function copyInto(from: string, to: string): Promise<void> {
  const temp = join(to, '..', `tmp_signalbox_${randomUUID()}`)
  try {
    await copyFile(from, temp, constants.COPYFILE_EXCL)
    await sync(temp)
    await rename(temp, to)
  } finally {
    await rm(temp, { force: true })
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
