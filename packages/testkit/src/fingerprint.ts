import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
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
  visit(repo, '', found)
  return found
}

/** Names need not be UTF-8, so they are read with one character per byte. */
function visit(root: string, folder: string, found: Record<string, string>): void {
  for (const entry of readdirSync(diskPath(root, folder), { withFileTypes: true, encoding: 'latin1' })) {
    const name = `${folder}${entry.name}`
    const path = diskPath(root, name)
    if (unread.has(name)) continue
    if (entry.isDirectory()) visit(root, `${name}/`, found)
    else found[Buffer.from(name, 'latin1').toString()] = `${lstatSync(path).mode.toString(8)} ${contentOf(path)}`
  }
}

function diskPath(root: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')])
}

function contentOf(path: Buffer): string {
  const kind = lstatSync(path)
  if (kind.isSymbolicLink()) return `-> ${readlinkSync(path, 'latin1')}`
  return kind.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'special'
}
