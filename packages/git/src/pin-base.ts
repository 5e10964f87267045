import { ControlError, messageOf, type Oid } from '@signalbox/core'
import { readRef } from './agent-state.ts'
import type { Git } from './exec.ts'
import { keepsRefsInFiles, readCommonDir, readGitDir } from './git-dir.ts'
import { pins } from './layout.ts'
import { saveRef } from './snapshot-ref.ts'
import { gitInSource, type CheckoutRef } from './source-ref.ts'

/**
 * Keeps a base in the source for as long as snapshots borrow from it, whatever becomes of its branch. Starting a git for it would be a
 * tenth of a small start, so where refs are files it is written as git does it, under git's own lock. Nobody else ever writes a ref of
 * this name, and one that is there is left as it is.
 * @throws ControlError `git.*`
 */
export async function pinBase(git: Git, { run, source }: Pick<CheckoutRef, 'run' | 'source'>, base: Oid): Promise<void> {
  const dir = readCommonDir(readGitDir(source.path))
  const ref = pins.base(run, base)
  if (!keepsRefsInFiles(dir)) return void (await gitInSource(git, source.path)(['update-ref', ref, base]))
  if (readRef(dir, ref) === base) return
  await saveRef(dir, ref, base).catch((cause: unknown) => {
    throw new ControlError('git.command_failed', `${source.repo} could not be told to keep ${base.slice(0, 10)}: ${messageOf(cause)}`, { hint: `Check that ${dir} can be written to, then try again`, cause })
  })
}
