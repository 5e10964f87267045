import * as fc from 'fast-check'
import { blobId, brokenPath, ignoredPath, put, type Files } from './model.ts'

/** Whole files that somebody writes, or deletes. */
export interface Edit {
  readonly path: string
  readonly content: string | null
}

export const edit: fc.Arbitrary<Edit> = fc.record({ path: fc.constantFrom('a.txt', 'b.txt', 'dir/c.txt', 'new.txt', 'a.txt', 'b.txt', 'dir/c.txt', 'new.txt', brokenPath, ignoredPath), content: fc.option(fc.nat(30), { freq: 4 }) }).map(({ path, content }) => ({ path, content: content === null ? null : `${content} in ${path}\n` }))
export const edits = fc.uniqueArray(edit, { minLength: 1, maxLength: 2, selector: ({ path }) => path })

export function sayEdits(all: readonly Edit[]): string {
  return all.map(({ path, content }) => (content === null ? `-${path}` : `${path}=${content.split(' ')[0]}`)).join(' ')
}

export function applyEdits(files: Files, all: readonly Edit[]): Files {
  const result = new Map(files)
  for (const { path, content } of all) put(result, path, content === null ? undefined : blobId(content))
  return result
}

/** An agent adds also what is ignored, which makes it a part of its work. */
export function toScript(all: readonly Edit[]): string {
  return all.map(({ path, content }) => (content === null ? `rm -f '${path}'` : `mkdir -p dir; printf '${content.trim()}\\n' > '${path}'${path === ignoredPath ? `; git add -f '${path}'` : ''}`)).join('\n')
}
