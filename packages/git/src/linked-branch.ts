import { ControlError, parseOid, runBranch, type Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { gitInSource, type CheckoutRef } from './source-ref.ts'

/**
 * Creates the branch of a linked run in the human's repository; one that a killed creation left at the base is taken.
 * @throws ControlError `input.invalid` when a branch of that name is somewhere else, `git.*`
 */
export async function createLinkedBranch(git: Git, checkout: CheckoutRef, base: Oid): Promise<void> {
  if ((await refuseTakenBranch(git, checkout, base)) === 'there') return
  await gitInSource(git, checkout.source.path)(['update-ref', '-m', `signalbox: begin ${checkout.run}`, refOf(checkout), base, '0'.repeat(base.length)])
}

/**
 * Says whether the branch of a linked run is at the base already.
 * @throws ControlError `input.invalid` when a branch of that name is somewhere else, `git.*`
 */
export async function refuseTakenBranch(git: Git, checkout: CheckoutRef, base: Oid): Promise<'there' | 'free'> {
  const { text } = await gitInSource(git, checkout.source.path)(['rev-parse', '--verify', '--quiet', refOf(checkout)], { okExits: [0, 1] })
  const head = parseOid(text.trim())
  if (head === base) return 'there'
  if (head === undefined) return 'free'
  throw new ControlError('input.invalid', `${checkout.source.repo} has a branch ${runBranch(checkout.run)} already, so no linked checkout was made`, { hint: 'Rename or delete that branch, or use private isolation' })
}

/** Takes away the branch of a linked checkout that could not be made, unless somebody used it since. */
export async function dropUnusedBranch(git: Git, checkout: CheckoutRef, base: Oid): Promise<void> {
  await gitInSource(git, checkout.source.path)(['update-ref', '-d', refOf(checkout), base], { okExits: [0, 1, 128] })
}

function refOf({ run }: CheckoutRef): string {
  return `refs/heads/${runBranch(run)}`
}
