import { accessSync, constants } from 'node:fs'

/** Returns the answer of a look at the file system, or another one where a folder on the way may not be entered or read. */
export function unlessClosed<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch (error) {
    if (isDenied(error)) return otherwise
    throw error
  }
}

/** Says whether a folder that is there may not be entered or read: an agent may have taken that right away. */
export function isClosed(folder: string): boolean {
  return unlessClosed(() => {
    accessSync(folder, constants.R_OK | constants.X_OK)
    return false
  }, true)
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES'
}
