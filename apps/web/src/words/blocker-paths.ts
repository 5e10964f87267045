import type { Blocker } from '@signalbox/core'

/** Returns the paths a reason is about, all of them. */
export function pathsOf({ data }: Blocker): readonly string[] {
  const { paths } = data
  return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : []
}
