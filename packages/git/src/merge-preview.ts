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
export async function previewMerge(vault: Vault, change: Change, onto: Oid): Promise<MergePreview> {
  return mergeSides(vault, await commitSide(vault, change.base, onto), change)
}

/**
 * Returns what lies at `onto`, a commit or a tree, as a commit on `base`: so the merge base is always the change's own
 * base, also when the branch was rewound.
 */
export async function commitSide(vault: Vault, base: Oid, onto: Oid): Promise<Oid> {
  return oidSchema.parse((await vault.git(['commit-tree', '-p', base, '-m', 'onto', `${onto}^{tree}`], { env: ourSignature })).text.trim())
}

/** Merges a change with a side that `commitSide` made of the same base. */
export async function mergeSides(vault: Vault, side: Oid, change: Change): Promise<MergePreview> {
  const { tree, conflicts } = await mergeTrees(vault, side, change)
  if (conflicts.length === 0) return { kind: 'clean', tree }
  return { kind: 'conflict', paths: [...new Set(conflicts.map((path) => ownPath(path, [side, change.commit])))].toSorted() }
}

/** Where a folder stands in the place of a file, git calls that one `d~` and the commit it is of, which no reader knows. */
function ownPath(path: string, sides: readonly Oid[]): string {
  const end = sides.map((side) => `~${side}`).find((each) => path.endsWith(each))
  return end === undefined ? path : path.slice(0, -end.length)
}

/** What git makes of two sides: where they conflict, a text holds both between marks, and other things are one of the two. */
export interface MergedTree {
  readonly tree: Oid
  /** Paths as people read them. */
  readonly conflicts: readonly string[]
}

/** The same, with the tree that git gives also where there are conflicts. */
export async function mergeTrees(vault: Vault, side: Oid, { base, commit }: Change): Promise<MergedTree> {
  const [{ stdout, exitCode }] = await Promise.all([
    vault.git(['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', side, commit], { okExits: [0, 1] }),
    requireReadable(vault, base, [side, commit]),
  ])
  const [first, ...paths] = stdout.toString('latin1').replace(/\0$/, '').split('\0')
  const tree = parseOid(first)
  // Exit 1 alone is no conflict: git says the same of a commit it cannot find, and then names no tree.
  if (tree === undefined || (exitCode === 0) !== (paths.length === 0)) {
    throw new ControlError('git.command_failed', `git merge-tree exited ${exitCode} without an answer in ${vault.dir}`, { hint: 'Run `signalbox doctor` to check the repository' })
  }
  return { tree, conflicts: paths.map(showPath) }
}

/** Before 2.44 a folder that `merge-tree` cannot read is an empty one to it, and the merge is clean. Comparing reads the same folders, and fails. */
async function requireReadable(vault: Vault, base: Oid, sides: readonly Oid[]): Promise<void> {
  await vault.git(['diff-tree', '-r', '-s', '--no-renames', '--stdin'], { stdin: sides.map((side) => `${side} ${base}\n`).join('') })
}
