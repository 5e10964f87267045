import { join } from 'node:path'
import { headOf, openEngine, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, git, makeRepository, shell } from '../repository.ts'
import type { Row } from '../row.ts'

/** A conflict preview of a moved target, against a scratch merge: worktree add, merge, worktree remove. */
export async function preview(folder: string, files: number): Promise<Row> {
  const source = makeRepository(join(folder, 'source'), files)
  const engine = openEngine(join(folder, 'state'))
  const base = headOf(source)
  const commit = commitOn(source, { from: base, edited: range(0), branch: 'change' })
  const head = commitOn(source, { from: base, edited: range(20), branch: 'moved' })
  const change = { base, commit }
  const ref = sourceOf('api', source)
  const paired = await measurePaired(
    9,
    { prepare: () => undefined, run: async () => void (await engine.snapshots.preview(ref, change, head)) },
    {
      prepare: (round) => join(folder, `scratch${round}`),
      run: (path) => shell(source, `git worktree add -q --detach ${path} ${head}; git -C ${path} merge -q --no-edit ${commit}; git worktree remove --force ${path}`),
    },
  )
  return { name: `conflict preview (${files} files)`, floor: 'worktree add + merge + worktree remove', goal: 0.01, paired }
}

/** Twenty files on each side, as in the measurement the goal was set by. */
function range(from: number): readonly number[] {
  return Array.from({ length: 20 }, (_, index) => from + index)
}

function commitOn(source: string, { from, edited, branch }: { readonly from: string; readonly edited: readonly number[]; readonly branch: string }): ReturnType<typeof headOf> {
  git(source, ['checkout', '-q', '-b', branch, from])
  editFiles(source, edited, branch)
  git(source, ['commit', '-q', '-a', '-m', branch])
  return headOf(source)
}
