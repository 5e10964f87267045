import { ControlError, messageOf } from '@signalbox/core'

/** Returns the code of a system error such as `ENOENT`; undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Returns the error of ours for a write that failed at `path`: `disk.full` or `disk.unwritable`; errors of ours pass through. */
export function diskErrorOf(path: string, cause: unknown): ControlError {
  if (cause instanceof ControlError) return cause
  switch (errnoOf(cause)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return new ControlError('disk.full', `The disk is full: could not write ${path}`, { hint: 'Make room and try again; the file is as it was before', cause, data: { path } })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ControlError('disk.unwritable', `No permission to write ${path}`, { hint: 'Check its owner, its mode and whether the disk is mounted read-only', cause, data: { path } })
    default:
      return new ControlError('disk.unwritable', `Could not write ${path}: ${messageOf(cause)}`, { hint: 'Check the disk and the path', cause, data: { path } })
  }
}
