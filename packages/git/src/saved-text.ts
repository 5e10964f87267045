import { isUtf8 } from 'node:buffer'
import { parseOid, type Oid } from '@signalbox/core'
import { readBlobs, readSizes } from './blobs.ts'
import type { Vault } from './vault.ts'

/** A file of a saved commit as lines can be counted in it; `unprintable` is binary, no UTF-8, or longer than anybody reads. */
export type SavedText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unprintable' } | { readonly kind: 'missing' }

/** Bytes of a text whose lines are looked at; beyond it is data. */
const MOST_BYTES = 16 * 1024 * 1024

/** Returns the text of a file in a commit of the vault. */
export async function readSavedText({ git }: Vault, commit: Oid, path: string): Promise<SavedText> {
  // No tree has such names, and git would look for them elsewhere.
  if (path.split('/').some((name) => name === '' || name === '.' || name === '..')) return { kind: 'missing' }
  // No pattern: `ls-tree` takes names as they are, and lists a folder under its own name.
  const { text: listed } = await git(['ls-tree', '-z', '--full-tree', commit, '--', path])
  const entry = listed.split('\0').map((line) => /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line)).find((found) => found?.[4] === path)
  const oid = entry?.[2] === 'blob' ? parseOid(entry[3]) : undefined
  if (oid === undefined) return { kind: 'missing' }
  if (((await readSizes(git, [{ oid }]))[0] ?? 0) > MOST_BYTES) return { kind: 'unprintable' }
  for await (const [, bytes] of readBlobs(git, [{ oid }])) return bytes.includes(0) || !isUtf8(bytes) ? { kind: 'unprintable' } : { kind: 'text', text: bytes.toString() }
  return { kind: 'missing' }
}
