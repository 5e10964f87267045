import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { git, makeRepository } from '../repository.ts'
import type { Row } from '../row.ts'

/** A private checkout made from nothing, against `git worktree add`. */
export async function startCold(folder: string, files: number): Promise<Row> {
  const source = makeRepository(join(folder, 'source'), files)
  const engine = openEngine(join(folder, 'state'))
  const base = headOf(source)
  const paired = await measurePaired(
    9,
    {
      prepare: (round) => ({ run: runOf(round), source: sourceOf('api', source), path: join(folder, 'workspaces', String(round), 'api'), isolation: 'private' as const }),
      run: (checkout) => engine.workspaces.create(checkout, base, main),
    },
    { prepare: (round) => join(folder, 'worktrees', String(round)), run: (path) => void git(source, ['worktree', 'add', '-q', '--detach', path, base]) },
  )
  return { name: `start, cold (${files} files)`, floor: 'git worktree add', goal: 1.05, paired }
}
