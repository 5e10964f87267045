import { ControlError, oidSchema, parseOid, type Oid } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { ourSignature } from './signature.ts'
import { showPath } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** What a change gives on another commit. */
export type MergePreview = { readonly kind: 'clean'; readonly tree: Oid } | { readonly kind: 'conflict'; readonly paths: readonly string[] }

/**
 * Computes a change on another commit, in the vault, where no merge driver of anybody runs.
 * @throws ControlError `git.command_failed`, also when git's answer has not the shape of one
 */
export async function previewMerge(vault: Vault, { base, commit }: Change, onto: Oid): Promise<MergePreview> {
  return mergeSides(vault, await commitSide(vault, base, onto), commit)
}

/**
 * Returns what lies at `onto`, a commit or a tree, as a commit on `base`: so the merge base is always the change's own
 * base, also when the branch was rewound.
 */
export async function commitSide(vault: Vault, base: Oid, onto: Oid): Promise<Oid> {
  return oidSchema.parse((await vault.git(['commit-tree', '-p', base, '-m', 'onto', `${onto}^{tree}`], { env: ourSignature })).text.trim())
}

/** Merges a change with a side that `commitSide` made of the same base. */
export async function mergeSides(vault: Vault, side: Oid, commit: Oid): Promise<MergePreview> {
  const { stdout, exitCode } = await vault.git(['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', side, commit], { okExits: [0, 1] })
  const [first, ...paths] = stdout.toString('latin1').replace(/\0$/, '').split('\0')
  const tree = parseOid(first)
  // Exit 1 alone is no conflict: git says the same of a commit it cannot find, and then names no tree.
  if (tree === undefined || (exitCode === 0) !== (paths.length === 0)) {
    throw new ControlError('git.command_failed', `git merge-tree exited ${exitCode} without an answer in ${vault.dir}`, { hint: 'Run `signalbox doctor` to check the repository' })
  }
  return exitCode === 0 ? { kind: 'clean', tree } : { kind: 'conflict', paths: paths.map(showPath) }
}
