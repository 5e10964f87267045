import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the absolute paths below a folder whose relative path matches, parents first; throws when none does, for a test that damages nothing proves nothing. */
export function findFiles(folder: string, pattern: RegExp): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => pattern.test(path))
  if (found.length === 0) throw new Error(`Nothing below ${folder} matches ${pattern}`)
  return found.map((path) => join(folder, path))
}

/** Returns the path of the one file that matches. */
export function findFile(folder: string, pattern: RegExp): string {
  const [found, ...more] = findFiles(folder, pattern)
  if (found === undefined || more.length > 0) throw new Error(`More than one below ${folder} matches ${pattern}: ${more.join(', ')}`)
  return found
}
