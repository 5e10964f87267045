import { createHash, type Hash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, readlink, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { ControlError, parseOid, type Oid } from '@signalbox/core'
import { isMissing } from './git-dir.ts'
import type { Content } from './landing-bytes.ts'
import type { DiskEntry } from './landing-paths.ts'
import { diskPath, showPath, type TreeEntry } from './raw-diff.ts'

/** Where files of a checkout are written before they are renamed into place: one name per landing, so a killed one can be swept. */
export interface Scratch {
  readonly root: string
  readonly tempName: string
}

/** Names the scratch files of the landing with this tag. */
export function scratchOf(root: string, tag: string): Scratch {
  return { root, tempName: `.signalbox-landing-${createHash('sha256').update(tag).digest('hex').slice(0, 16)}` }
}

/** Says what lies at a path of a checkout. Links are never followed, not even in the middle of the path. */
export async function readDisk(root: string, path: string, like: Oid): Promise<DiskEntry> {
  const kind = await lookInside(root, path)
  if (kind === undefined) return { kind: 'nothing' }
  if (kind.isDirectory()) return { kind: 'folder' }
  if (kind.isSymbolicLink()) return { kind: 'link', oid: blobOid(await readlink(diskPath(root, path), 'buffer'), like) }
  if (kind.isFile()) return { kind: 'file', oid: await blobOidOfFile(diskPath(root, path), kind.size, like), executable: (kind.mode & 0o100) !== 0 }
  return { kind: 'other' }
}

/** Makes the folder of a submodule. */
export function makeFolder(root: string, path: string): Promise<void> {
  return makeParents(root, `${path}/`)
}

/**
 * Puts `content` at a path, whole or not at all; `check` looks once more right before, for a large file takes its time.
 * @throws ControlError `merge.stopped` when something that is no folder is in the way of a parent folder, and what `check` throws
 */
export async function writeEntry({ root, tempName }: Scratch, path: string, { mode }: TreeEntry, { content, check }: { readonly content: Content; readonly check: () => Promise<void> }): Promise<void> {
  await makeParents(root, path)
  const temp = diskPath(root, beside(path, tempName))
  await rm(temp, { force: true })
  try {
    if (mode === '120000' && Buffer.isBuffer(content)) await symlink(content, temp)
    else await writeWhole(temp, content, mode === '100755' ? 0o777 : 0o666)
    await check()
    await removeEmptyFolders(diskPath(root, path))
    await rename(temp, diskPath(root, path))
  } finally {
    await rm(temp, { force: true })
  }
}

/**
 * Removes a folder that holds nothing but empty folders, as a git that was killed between its last file and the
 * folder leaves it. Anything else at the path stays, and so does a folder with a file anywhere below.
 */
async function removeEmptyFolders(path: Buffer): Promise<void> {
  if ((await lookAt(path))?.isDirectory() !== true) return
  for (const name of await readdir(path, { encoding: 'buffer' })) await removeEmptyFolders(Buffer.concat([path, Buffer.from('/'), name]))
  await removeIfEmpty(path)
}

/** Removes a file, or the empty folder of a submodule, and the folders it leaves empty, as git does. A submodule that holds something stays. */
export async function removeEntry(root: string, path: string): Promise<void> {
  const kind = await lookInside(root, path)
  if (kind?.isDirectory() === true) await removeIfEmpty(diskPath(root, path))
  else if (kind !== undefined) await unlink(diskPath(root, path))
  for (const parent of parentsOf(path).toReversed()) {
    if (!(await removeFolder(root, parent))) return
  }
}

/** Removes the scratch files that a killed landing left beside these paths. */
export async function sweepScratch({ root, tempName }: Scratch, paths: readonly string[]): Promise<void> {
  for (const temp of new Set(paths.map((path) => beside(path, tempName)))) {
    if ((await lookInside(root, temp)) !== undefined) await removeEntry(root, temp)
  }
}

/** Says whether a folder is gone now; one that still holds something, or is none, stays. */
async function removeFolder(root: string, path: string): Promise<boolean> {
  const kind = await lookInside(root, path)
  if (kind === undefined) return true
  if (!kind.isDirectory()) return false
  return removeIfEmpty(diskPath(root, path))
}

/** Removes a folder and says whether it could; one that holds something stays. */
async function removeIfEmpty(path: Buffer): Promise<boolean> {
  const full = await rmdir(path).catch((error: unknown) => {
    if (isFull(error)) return 'full' as const
    throw error
  })
  return full === undefined
}

async function writeWhole(path: Buffer, content: Content, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    if (Buffer.isBuffer(content)) await file.writeFile(content)
    else await content((piece) => file.writeFile(piece))
    await file.sync()
  } finally {
    await file.close()
  }
}

async function makeParents(root: string, path: string): Promise<void> {
  for (const parent of parentsOf(path)) {
    const kind = await look(root, parent)
    if (kind === undefined) await mkdir(diskPath(root, parent))
    else if (!kind.isDirectory()) throw new ControlError('merge.stopped', `${showPath(parent)} is in the way of the folder of ${showPath(path)}`)
  }
}

/** Looks at a path without following a link on the way; undefined when it or a parent folder is not there. */
async function lookInside(root: string, path: string): Promise<Stats | undefined> {
  for (const parent of parentsOf(path)) {
    if ((await look(root, parent))?.isDirectory() !== true) return undefined
  }
  return look(root, path)
}

function look(root: string, path: string): Promise<Stats | undefined> {
  return lookAt(diskPath(root, path))
}

function lookAt(path: Buffer): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')
}

function beside(path: string, name: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${name}`
}

/** Folders above a path, outermost first. */
function parentsOf(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_name, index) => names.slice(0, index + 1).join('/'))
}

/** Bytes of a file that are read at once; a larger one, as filter programs stand for, in pieces: it need not fit in memory. */
const WHOLE_BYTES = 16 * 1024 * 1024

async function blobOidOfFile(path: Buffer, size: number, like: Oid): Promise<Oid> {
  if (size <= WHOLE_BYTES) return blobOid(await readFile(path), like)
  const hash = beginBlob(size, like)
  await pipeline(createReadStream(path), hash)
  return oidOf(hash)
}

function blobOid(content: Buffer, like: Oid): Oid {
  return oidOf(beginBlob(content.length, like).update(content))
}

function beginBlob(size: number, like: Oid): Hash {
  return createHash(like.length === 64 ? 'sha256' : 'sha1').update(`blob ${size}\0`)
}

function oidOf(hash: Hash): Oid {
  const oid = parseOid(hash.digest('hex'))
  if (oid === undefined) throw new TypeError('a hash is not an object id')
  return oid
}
