import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { readPlain } from './git-dir.ts'
import { lookAt } from './look-at.ts'

/** Bytes of one file that are read for its id; of a larger one, its times and size stand for it. */
const MAX_BYTES = 4 * 1024 * 1024

/** What is still read of the files of one look: a checkout full of untracked output must not be read whole. */
export interface ReadingRoom {
  bytes: number
  files: number
}

/** Returns the room of one look: a thousand files, 32 MiB. */
export function readingRoom(): ReadingRoom {
  return { bytes: 32 * 1024 * 1024, files: 1_000 }
}

interface Asked {
  readonly hash: 'sha1' | 'sha256'
  readonly room: ReadingRoom
  readonly like?: string | undefined
}

/**
 * Returns an id of what lies at a path, links not followed: `MODE OID` as git would store it, `stat …` for what is too
 * large to read or where there is no room left, or what kind of thing it is. Undefined where nothing is. `hash` is that
 * of the repository's ids. `like`: an id of an earlier look, to have one of the same kind, which can be compared.
 */
export function contentIdOf(path: string | Buffer, { hash, room, like }: Asked): string | undefined {
  const kind = lookAt(path)
  if (kind === undefined) return undefined
  if (kind.isSymbolicLink()) return `120000 ${blobId(readlinkSync(path, 'buffer'), hash)}`
  if (kind.isDirectory()) return 'folder'
  if (!kind.isFile()) return 'special'
  const size = Number(kind.size)
  const isRoom = like === undefined ? size <= room.bytes && room.files > 0 : !like.startsWith('stat ')
  if (size > MAX_BYTES || !isRoom) return `stat ${kind.size} ${kind.mtimeNs} ${kind.ctimeNs} ${kind.ino}`
  room.bytes -= size
  room.files -= 1
  const bytes = tryPlain(path, false)
  return bytes === undefined ? 'unreadable' : `${(kind.mode & 0o100n) === 0n ? '100644' : '100755'} ${blobId(bytes, hash)}`
}

/**
 * Returns the id of a file of a checkout, or of another repository there. A plain folder stands where no file is, and what
 * lies in it has names of its own; older looks called it as they did a repository.
 */
export function fileIdOf(path: Buffer, asked: Asked): string | undefined {
  const id = contentIdOf(path, asked)
  return id === 'folder' && asked.like !== 'folder' && lookAt(Buffer.concat([path, Buffer.from('/.git')])) === undefined ? undefined : id
}

/** Returns the object id in a content id; undefined when it has none. */
export function oidIn(id: string | null): string | undefined {
  return /^1[02]0(?:644|755|000) ([0-9a-f]{40,64})$/.exec(id ?? '')?.[1]
}

/** Returns the id git gives these bytes as a file. */
export function blobId(bytes: Buffer, hash: 'sha1' | 'sha256'): string {
  return createHash(hash).update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

/** Reads the file a path leads to as text, without ever waiting for a pipe; undefined when there is none that can be read. */
export function readText(path: string): string | undefined {
  return tryPlain(path, true)?.toString()
}

/** Undefined when it may not be read or is no plain file any more: that it cannot be read is what its id says. */
function tryPlain(path: string | Buffer, follow: boolean): Buffer | undefined {
  try {
    return readPlain(path, { follow })
  } catch {
    return undefined
  }
}
