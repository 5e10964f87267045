import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { ControlError } from '@signalbox/core'
import { lookAt } from './look-at.ts'
import { removeTree } from './remove-tree.ts'

/**
 * Takes something of ours out of its place in one rename, so that it is whole or gone whenever this is killed; deleting
 * it is the business of `emptyTrash`. A link is moved as a link. Returns where it lies now; undefined when it is gone or was not there.
 * @throws ControlError `disk.unwritable` when the way to it leads through a link: what lies there is not ours
 */
export async function putAside(stateDir: string, path: string): Promise<string | undefined> {
  const kind = lookAt(path)
  if (kind === undefined) return undefined
  refuseLinks(stateDir, path)
  const trash = trashOf(stateDir)
  mkdirSync(trash, { recursive: true, mode: 0o700 })
  // A folder that changes its parent must be writable itself.
  if (kind.isDirectory() && (kind.mode & 0o200n) === 0n) chmodSync(path, Number(kind.mode) | 0o700)
  const aside = join(trash, randomUUID())
  try {
    await rename(path, aside)
    return aside
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await removeTree(path) // another disk, which only a caller of this package alone can have chosen
    return undefined
  }
}

/** Deletes what was put aside, by this process or by one that was killed since. @throws the first failure, after all the rest is gone */
export async function emptyTrash(stateDir: string): Promise<void> {
  const trash = trashOf(stateDir)
  const failures: unknown[] = []
  for (const name of existsSync(trash) ? readdirSync(trash) : []) await removeTree(join(trash, name)).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** Says how many things wait to be deleted. */
export function countTrash(stateDir: string): number {
  const trash = trashOf(stateDir)
  return existsSync(trash) ? readdirSync(trash).length : 0
}

function trashOf(stateDir: string): string {
  return join(stateDir, 'trash')
}

/** An agent may have put a link where a folder of ours was: below it lies somebody else's. */
function refuseLinks(stateDir: string, path: string): void {
  const inside = relative(stateDir, path)
  const parts = inside.startsWith('..') ? [] : inside.split(sep).slice(0, -1)
  const parents = parts.length === 0 ? [dirname(path)] : parts.map((_, index) => join(stateDir, ...parts.slice(0, index + 1)))
  const link = parents.find((parent) => !isFolder(parent))
  if (link === undefined) return
  throw new ControlError('disk.unwritable', `${link} is no folder of ours any more but a link, so nothing below it is removed`, { hint: 'Look where it leads, and delete the link yourself', data: { path: link } })
}

function isFolder(path: string): boolean {
  return lookAt(path)?.isDirectory() === true
}
