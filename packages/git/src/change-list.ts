import type { Oid } from '@signalbox/core'
import { keepAnswer, readAnswer } from './kept-answer.ts'
import { parseRawDiff, type RawChange } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** A change: what lies between a base and a commit. */
export interface Change {
  readonly base: Oid
  readonly commit: Oid
}

/** What git lists of a change: folders are entries too, a rename is a removal and an addition. */
export const listOptions = ['-r', '-t', '-z', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv'] as const

/**
 * Returns every entry that differs. Two ids name a list that can never change, so it is kept beside the vault, and
 * the gate need not start git for it.
 */
export async function readChangeList(vault: Vault, change: Change): Promise<readonly RawChange[]> {
  const kept = readAnswer(vault, 'changes-1', change)
  if (kept !== undefined) return parseRawDiff(kept).changes
  const { stdout } = await vault.git(['diff-tree', ...listOptions, change.base, change.commit])
  await keepChangeList(vault, change, stdout)
  return parseRawDiff(stdout).changes
}

/** Keeps the list of a change in git's own form, for `readChangeList`. */
export function keepChangeList(vault: Vault, change: Change, list: Buffer): Promise<void> {
  return keepAnswer(vault, 'changes-1', change, list)
}

/** Returns the entries that are no folders. */
export function filesOf(changes: readonly RawChange[]): readonly RawChange[] {
  return changes.flatMap(({ from, to, ...change }) => {
    const [before, after] = [from, to].map((entry) => (entry?.mode === '040000' ? undefined : entry))
    return before === undefined && after === undefined ? [] : [{ ...change, from: before, to: after }]
  })
}
