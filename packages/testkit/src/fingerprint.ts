import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { git } from './run.ts'

/** Places of a git directory that may change without anybody losing anything: objects only grow, refs are read by git. */
const unread = new Set(['.git/objects', '.git/refs', '.git/packed-refs'])

/**
 * Returns everything of a repository that belongs to its human: each ref (stash too, our own pins left out), and
 * the mode and bytes of each file of working tree and git directory (HEAD, index, config, hooks, logs). Two equal
 * fingerprints mean that nothing was touched.
 */
export function fingerprint(repo: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const line of git(repo, 'for-each-ref', '--format=%(refname) %(objectname) %(symref)').split('\n')) {
    const [name = '', ...rest] = line.split(' ')
    if (name !== '' && !name.startsWith('refs/signalbox/')) found[name] = rest.join(' ')
  }
  visit(repo, repo, found)
  return found
}

function visit(root: string, folder: string, found: Record<string, string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const name = relative(root, path)
    if (unread.has(name)) continue
    if (entry.isDirectory()) visit(root, path, found)
    else found[name] = `${lstatSync(path).mode.toString(8)} ${contentOf(path)}`
  }
}

function contentOf(path: string): string {
  const kind = lstatSync(path)
  if (kind.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  return kind.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'special'
}
