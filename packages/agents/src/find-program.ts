import { accessSync, constants, statSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the absolute path of a program, searched as the system does, with no shell; `undefined` when there is none. A path that is not absolute names none. */
export function findProgram(name: string, env: Environment): string | undefined {
  if (isAbsolute(name)) return isProgram(name) ? name : undefined
  if (basename(name) !== name) return undefined
  return (
    (env['PATH'] ?? '')
      .split(delimiter)
      // A relative entry would name a program in the folder of the run: an agent could put one there for the next.
      .filter((folder) => isAbsolute(folder))
      .map((folder) => join(folder, name))
      .find(isProgram)
  )
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    // Not there, or not ours to start: either way the search goes on.
    return false
  }
}
