import type { Busy } from './gate-facts.ts'
import type { BranchName } from './ids.ts'

/** Says what stands against a move of a branch. */
export function sayBusy(branch: BranchName, busy: Busy): string {
  switch (busy.kind) {
    case 'operation':
      return busy.what
    case 'lock':
      return `locked by ${busy.path}`
    case 'checkouts':
      return `${branch} is checked out more than once: ${busy.paths.join(' and ')}`
    default:
      return busy satisfies never
  }
}

/** Says how everything that stands against a move of a branch is ended, each way once. */
export function endBusy(branch: BranchName, busy: readonly Busy[]): string {
  return [...new Set(busy.map((one) => endOne(branch, one)))].join('. ')
}

function endOne(branch: BranchName, busy: Busy): string {
  switch (busy.kind) {
    case 'operation':
      return 'Finish or abort what is under way there'
    case 'lock':
      return `If no git is at work there, delete ${busy.path}`
    case 'checkouts':
      return `Check out another branch than ${branch} in all but one of them, or take the others away with \`git worktree remove\``
    default:
      return busy satisfies never
  }
}

/** Returns what has to be over before anything is stashed: a stash during a merge ends that merge, and with a locked index there is none. */
export function hindersStash(busy: readonly Busy[]): readonly Busy[] {
  return busy.filter(({ kind }) => kind !== 'checkouts')
}
