import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { git, makeRepository } from '../repository.ts'
import type { Row } from '../row.ts'

/** Taking a workspace out of its place, which is what the human waits for, against `git worktree remove`, which deletes. The look before it and the deleting behind it are not in it. */
export async function endWorkspace(folder: string, files: number): Promise<Row> {
  const source = makeRepository(join(folder, 'source'), files)
  const stateDir = join(folder, 'state')
  const engine = openEngine(stateDir)
  const base = headOf(source)
  const paired = await measurePaired(
    9,
    {
      prepare: async (round) => {
        await engine.workspaces.emptyTrash()
        const run = runOf(round)
        const workspace = join(stateDir, 'workspaces', run)
        await engine.workspaces.create({ run, source: sourceOf('api', source), path: join(workspace, 'api'), isolation: 'private' as const }, base, main)
        return { run, workspace }
      },
      run: ({ run, workspace }) => engine.workspaces.discard(run, workspace, []),
    },
    {
      prepare: (round) => {
        const path = join(folder, `plain${round}`)
        git(source, ['worktree', 'add', '-q', '--detach', path, base])
        return path
      },
      run: (path) => void git(source, ['worktree', 'remove', '--force', path]),
    },
  )
  return { name: `end of a workspace of ${files} files, deleted behind it`, floor: 'git worktree remove', goal: 0.05, paired }
}
