import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream, existsSync, statSync } from 'node:fs'
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ControlError, type Oid, type ReportedPath } from '@signalbox/core'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { contentFile, findPointers, lfsFolder, type LfsPointer, type PointedFile } from './lfs-pointers.ts'
import { showPath, type RawChange } from './raw-diff.ts'
import { splitNames } from './scan.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault } from './vault.ts'

/** One change of a repo, whose pointers are looked at. */
interface PointingChange {
  readonly base: Oid
  readonly changes: readonly RawChange[]
}

/**
 * Makes sure that the vault has the content of every pointer that a change adds, taking it from where a run or its source
 * keeps it, and returns the files whose content is nowhere. What the base points to already is none of the change's.
 */
export async function saveContent(vault: Vault, { base, changes }: PointingChange, places: readonly string[]): Promise<readonly ReportedPath[]> {
  const lost: PointedFile[] = []
  for (const file of await findPointers(vault, changes)) if (!(await bring(file.pointer, places, lfsFolder(vault)))) lost.push(file)
  const added = await leaveOutOld(vault, base, lost)
  return added.map(({ path }) => ({ path: showPath(path), reason: 'content_missing' }))
}

/**
 * Brings the content of every pointer that a change adds from the vault into the source: only added, each whole or not at all.
 * @throws ControlError `merge.stopped` when some of it is not there any more, `disk.unwritable`
 */
export async function carryContent(vault: Vault, source: SourceRef, { base, changes }: PointingChange): Promise<void> {
  const lost: PointedFile[] = []
  const to = lfsFolderOf(source)
  for (const file of await findPointers(vault, changes)) if (!(await bring(file.pointer, [lfsFolder(vault)], to))) lost.push(file)
  const [first] = await leaveOutOld(vault, base, lost)
  if (first === undefined) return
  throw new ControlError('merge.stopped', `The content of ${showPath(first.path)} of ${source.repo}, which Git LFS keeps, is not in the vault any more`, { hint: 'Seal the round again while the workspace is there', data: { repo: source.repo, path: showPath(first.path), content: first.pointer.content } })
}

/** Brings what the vault has of it into the git directory of a run, whose git does not look in there; what it has not stays a pointer. */
export async function lendContent(vault: Vault, changes: readonly RawChange[], gitDir: string): Promise<void> {
  for (const { pointer } of await findPointers(vault, changes)) await bring(pointer, [lfsFolder(vault)], join(gitDir, 'lfs'))
}

/** Returns where Git LFS keeps content of a source. */
export function lfsFolderOf({ path }: Pick<SourceRef, 'path'>): string {
  return join(readCommonDir(readGitDir(path)), 'lfs')
}

/** A pointer the base has too was there before, with its content or without. */
async function leaveOutOld({ git }: Vault, base: Oid, files: readonly PointedFile[]): Promise<readonly PointedFile[]> {
  if (files.length === 0) return files
  const { stdout } = await git(['ls-tree', '-r', '-z', '--full-tree', base])
  const old = new Set(splitNames(stdout).map((entry) => entry.split(/[ \t]/, 3)[2]))
  return files.filter(({ blob }) => !old.has(blob))
}

/** Brings content into a folder of Git LFS from the first of these that has it whole, and says whether it is there now. */
async function bring(pointer: LfsPointer, from: readonly string[], to: string): Promise<boolean> {
  const file = contentFile(to, pointer)
  if (existsSync(file)) return true
  for (const place of from) if (await copyWhole(contentFile(place, pointer), to, pointer)) return true
  return false
}

/** Copies, for a link would be the same file in two places, and whoever writes in one of them writes in both. What is no file of that size, such as a pipe an agent laid there, is never opened. */
async function copyWhole(from: string, folder: string, pointer: LfsPointer): Promise<boolean> {
  if (!existsSync(from)) return false
  const kind = statSync(from)
  if (!kind.isFile() || kind.size !== pointer.bytes) return false
  const to = contentFile(folder, pointer)
  // Git LFS itself sweeps away old files with such a name, should this be killed.
  const temp = join(folder, 'tmp', `${pointer.content}-${randomUUID()}`)
  for (const file of [temp, to]) await mkdir(dirname(file), { recursive: true })
  try {
    await copyFile(from, temp, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    if (!(await holds(temp, pointer))) return false
    await sync(temp)
    await rename(temp, to)
    return true
  } finally {
    await rm(temp, { force: true })
  }
}

async function holds(path: string, { content }: LfsPointer): Promise<boolean> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex') === content
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
