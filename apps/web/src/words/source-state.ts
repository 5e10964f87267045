import type { SourceState } from '@signalbox/core'
import { count } from './amounts.ts'
import { visible } from './untrusted.ts'

/** Says in what state the human's own checkout was when a run began. */
export function saySourceState({ branch, dirty, paths, operation }: SourceState): string {
  const where = branch === null ? 'you had no branch checked out' : `you were on ${visible(branch)}`
  const dirt = dirty ? `${count(paths.length, 'path')} of your own uncommitted` : 'nothing uncommitted'
  return [where, dirt, ...(operation === null ? [] : [`${visible(operation)} under way`])].join(', ')
}
