import { lstatSync, readFileSync } from 'node:fs'
import { basename } from 'node:path/posix'
import { parseOid, type Oid } from '@signalbox/core'
import type { AttributesFile } from './attributes.ts'
import { readBlobs } from './blobs.ts'
import { parseIndex } from './index-file.ts'
import { diskPath } from './raw-diff.ts'
import type { GitHere } from './source-ref.ts'

/** Tells whether a tree entry is a file that git reads attributes from; links are not followed. */
export function isAttributesFile(path: string, mode: string): boolean {
  return basename(path) === '.gitattributes' && mode.startsWith('100')
}

/** Reads the attributes files of a commit, at any depth. */
export async function readAttributesFiles(git: GitHere, commit: string): Promise<readonly AttributesFile[]> {
  const { stdout } = await git(['ls-tree', '-r', '-z', '--full-tree', commit])
  const blobs = stdout
    .toString('latin1')
    .split('\0')
    .flatMap((entry) => {
      const [mode = '', , oidText] = entry.split(/[ \t]/, 3)
      const path = entry.slice(entry.indexOf('\t') + 1)
      const oid = parseOid(oidText)
      return oid !== undefined && isAttributesFile(path, mode) ? [{ path, oid }] : []
    })
  return readAttributesBlobs(git, blobs)
}

/** Reads attributes files from their objects. */
export async function readAttributesBlobs(git: GitHere, blobs: readonly { readonly path: string; readonly oid: Oid }[]): Promise<readonly AttributesFile[]> {
  const files: AttributesFile[] = []
  for await (const [{ path }, bytes] of readBlobs(git, blobs)) files.push({ path, text: bytes.toString('latin1') })
  return files
}

/** Reads the attributes files of a checkout whose files lie there as they are stored; `index` lists them. */
export function readWrittenAttributes(checkout: string, index: string, { length }: Oid): readonly AttributesFile[] {
  const bytes = readFileSync(index)
  if (!bytes.includes('.gitattributes')) return [] // many times quicker than reading its entries
  return parseIndex(bytes, length === 64 ? 32 : 20)
    .files.filter((path) => basename(path) === '.gitattributes')
    .map((path) => ({ path, disk: diskPath(checkout, path) }))
    .filter(({ disk }) => lstatSync(disk).isFile())
    .map(({ path, disk }) => ({ path, text: readFileSync(disk, 'latin1') }))
}
