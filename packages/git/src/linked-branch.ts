import { ControlError, parseOid, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { runBranch } from './layout.ts'
import { gitInSource, type CheckoutRef } from './source-ref.ts'

/**
 * Creates the branch of a linked run in the human's repository; one that a killed creation left at the base is taken.
 * @throws ControlError `input.invalid` when a branch of that name is somewhere else, `git.*`
 */
export async function createLinkedBranch(git: Git, checkout: CheckoutRef, base: Oid): Promise<void> {
  const ref = refOf(checkout)
  const here = gitInSource(git, checkout.source.path)
  const { text } = await here(['rev-parse', '--verify', '--quiet', ref], { okExits: [0, 1] })
  const head = parseOid(text.trim())
  if (head === base) return
  if (head !== undefined) {
    throw new ControlError('input.invalid', `${checkout.source.repo} has a branch ${runBranch(checkout.run)} already, so no linked checkout was made`, { hint: 'Rename or delete that branch, or use private isolation' })
  }
  await here(['update-ref', '-m', `signalbox: begin ${checkout.run}`, ref, base, '0'.repeat(base.length)])
}

/** Takes away the branch of a linked checkout that could not be made, unless somebody used it since. */
export async function dropUnusedBranch(git: Git, checkout: CheckoutRef, base: Oid): Promise<void> {
  await gitInSource(git, checkout.source.path)(['update-ref', '-d', refOf(checkout), base], { okExits: [0, 1, 128] })
}

function refOf({ run }: CheckoutRef): string {
  return `refs/heads/${runBranch(run)}`
}
