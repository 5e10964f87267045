import { join } from 'node:path'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { linkedWorktree, type Layout } from './layout.ts'
import type { CheckoutRef } from './source-ref.ts'

/** The git directories an agent works with; untrusted from the moment it starts. */
export interface AgentDirs {
  /** Holds branches and objects: one of the run's own, or in a linked worktree the human's. */
  readonly gitDir: string
  /** Holds HEAD and index of the one checkout. */
  readonly worktree: string
}

/** Name of the one worktree that a run's own git directory has from us. */
export const RUN_WORKTREE = 'checkout'

/** Returns where the agent of a checkout keeps its HEAD, index and branches. */
export function agentDirsOf(layout: Layout, { run, source, isolation }: CheckoutRef): AgentDirs {
  const linked = isolation === 'linked'
  const gitDir = linked ? readCommonDir(readGitDir(source.path)) : layout.runGitDir(run, source.repo)
  return { gitDir, worktree: join(gitDir, 'worktrees', linked ? linkedWorktree(run) : RUN_WORKTREE) }
}
