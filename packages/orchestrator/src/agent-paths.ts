import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { PermissionFacts } from '@signalbox/core'
import { systemCodeOf } from './durable-file.ts'

/** What a shell or a program may make another path of: a home folder, a variable, an address. */
const expanding = /^~|^\$|^[A-Za-z][A-Za-z0-9+.-]+:/

/**
 * Returns where the paths of a tool call lie, from the top of the workspace: as they are named and, through a link, as they are. Absolute ones, or from
 * `cwd`. Where it cannot be told where one leads, it leads outside.
 */
export async function placePaths(paths: readonly string[], { workspace, cwd }: { readonly workspace: string; readonly cwd: string }): Promise<Pick<PermissionFacts, 'paths' | 'outside'>> {
  const roots = [workspace, (await follow(workspace)) ?? workspace]
  const insideOf = (path: string): string | undefined => roots.map((root) => relative(root, path)).find((inside) => inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside))
  const placed = await Promise.all(
    paths.map(async (path) => {
      if (expanding.test(path)) return [undefined]
      const named = resolve(cwd, path)
      const real = await follow(named)
      return [insideOf(named), real === undefined ? undefined : insideOf(real)]
    }),
  )
  const inside = placed.flat()
  return { paths: [...new Set(inside.filter((path) => path !== undefined))], outside: inside.includes(undefined) }
}

/** Follows the links of what there is of a path, the rest of which is still to be made; undefined where that cannot be told. */
async function follow(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT' || dirname(path) === path || (await isThere(path))) return undefined
  }
  const above = await follow(dirname(path))
  return above === undefined ? undefined : join(above, basename(path))
}

/** What is there and cannot be followed is a link to nothing: whoever writes to it makes it. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch {
    return false
  }
}
