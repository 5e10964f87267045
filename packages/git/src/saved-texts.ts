import { isUtf8 } from 'node:buffer'
import { parseOid, type Oid } from '@signalbox/core'
import { readBlobs, readSizes } from './blobs.ts'
import type { Vault } from './vault.ts'

/** A file of a saved commit as lines can be counted in it; `unprintable` is binary, no UTF-8, or longer than anybody reads. */
export type SavedText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unprintable' } | { readonly kind: 'missing' }

/** Bytes of a text whose lines are looked at; beyond it is data. */
const MOST_BYTES = 16 * 1024 * 1024

/** Returns the texts of files in a commit of the vault, in the order asked: three processes for all of them. */
export async function readSavedTexts({ git }: Vault, commit: Oid, paths: readonly string[]): Promise<readonly SavedText[]> {
  // No tree has other names, and git would look for them elsewhere.
  const possible = [...new Set(paths)].filter((path) => !path.split('/').some((name) => name === '' || name === '.' || name === '..'))
  if (possible.length === 0) return paths.map(() => ({ kind: 'missing' }))
  // `ls-tree` takes no patterns, and lists a folder under its own name. Unless told otherwise, it takes a colon in front for more than a letter.
  const { text: listed } = await git(['ls-tree', '-z', '--full-tree', commit, '--', ...possible], { env: { GIT_LITERAL_PATHSPECS: '1' } })
  const found = listed.split('\0').flatMap((line) => {
    const [, type, id, path] = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    const oid = type === 'blob' ? parseOid(id) : undefined
    return oid === undefined || path === undefined ? [] : [{ oid, path }]
  })
  const sizes = await readSizes(git, found)
  const texts = new Map<string, SavedText>(found.map(({ path }) => [path, { kind: 'unprintable' }]))
  const short = found.filter((_, at) => (sizes[at] ?? 0) <= MOST_BYTES)
  for await (const [{ path }, bytes] of readBlobs(git, short)) if (!bytes.includes(0) && isUtf8(bytes)) texts.set(path, { kind: 'text', text: bytes.toString() })
  return paths.map((path) => texts.get(path) ?? { kind: 'missing' })
}
