import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { isMissing } from './git-dir.ts'
import { diskPath, type RawChange } from './raw-diff.ts'

/**
 * Returns the paths (one character per byte) that lie in a checkout where the change would write, and that are
 * neither in its base nor taken away by it. Git calls a checkout clean with ignored files in it, and overwrites
 * them without a word.
 */
export function findInTheWay(root: string, changes: readonly RawChange[]): readonly string[] {
  const removed = new Set(changes.filter(({ to }) => to === undefined).map(({ path }) => path))
  const look = lookInto(root)
  const found = new Set<string>()
  for (const { path, from } of changes) {
    if (from !== undefined || removed.has(path)) continue
    for (const blocking of findBlocking({ root, look, removed }, path)) found.add(blocking)
  }
  return [...found]
}

interface Disk {
  readonly root: string
  readonly look: (path: string) => Stats | undefined
  readonly removed: ReadonlySet<string>
}

function findBlocking({ root, look, removed }: Disk, path: string): readonly string[] {
  for (const parent of parentsOf(path)) {
    const kind = look(parent)
    if (kind === undefined) return []
    if (!kind.isDirectory()) return removed.has(parent) ? [] : [parent]
  }
  const kind = look(path)
  if (kind === undefined) return []
  return kind.isDirectory() ? listFiles(root, path).filter((file) => !removed.has(file)) : [path]
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Looks at each path once: neighbours share their parents. Links are not followed. */
function lookInto(root: string): (path: string) => Stats | undefined {
  const seen = new Map<string, Stats | undefined>()
  return (path) => {
    if (!seen.has(path)) seen.set(path, readKind(root, path))
    return seen.get(path)
  }
}

function readKind(root: string, path: string): Stats | undefined {
  try {
    return lstatSync(diskPath(root, path))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function listFiles(root: string, folder: string): readonly string[] {
  return readdirSync(diskPath(root, folder), { withFileTypes: true, encoding: 'latin1' }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? listFiles(root, path) : [path]
  })
}
