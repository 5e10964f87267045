import { join } from 'node:path'
import type { Oid } from '@signalbox/core'
import { readBlobs, readSizes } from './blobs.ts'
import type { RawChange } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** What Git LFS stores in git in the place of a file: the name of its content, which lies beside git's objects. */
export interface LfsPointer {
  /** sha256 of the content, in hex. */
  readonly content: string
  readonly bytes: number
}

/** A file of a change that is stored as a pointer. Path: one character per byte. */
export interface PointedFile {
  readonly path: string
  readonly blob: Oid
  readonly pointer: LfsPointer
}

/** Bytes that no pointer reaches (Git LFS, docs/spec.md). */
const POINTER_BYTES = 1024

const POINTER = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n(?:ext-[^\n]+\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n$/

/** Reads a pointer; undefined when the text is none. */
export function parsePointer(text: string): LfsPointer | undefined {
  const [, content, bytes] = POINTER.exec(text) ?? []
  return content === undefined ? undefined : { content, bytes: Number(bytes) }
}

/** Returns the files of a change that it stores as pointers. */
export async function findPointers({ git }: Pick<Vault, 'git'>, changes: readonly RawChange[]): Promise<readonly PointedFile[]> {
  const files = changes.flatMap(({ path, to }) => (to?.mode.startsWith('100') === true ? [{ path, oid: to.oid }] : []))
  const sizes = await readSizes(git, files)
  const found: PointedFile[] = []
  for await (const [{ path, oid }, bytes] of readBlobs(git, files.filter((_file, index) => (sizes[index] ?? 0) < POINTER_BYTES))) {
    const pointer = parsePointer(bytes.toString('latin1'))
    if (pointer !== undefined) found.push({ path, blob: oid, pointer })
  }
  return found
}

/** Where Git LFS keeps content in a git directory; that of the vault has what its snapshots point to. */
export function lfsFolder({ dir }: Pick<Vault, 'dir'>): string {
  return join(dir, 'lfs')
}

/** Where content lies below the folder of Git LFS. */
export function contentFile(folder: string, { content }: LfsPointer): string {
  return join(folder, 'objects', content.slice(0, 2), content.slice(2, 4), content)
}
