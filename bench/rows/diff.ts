import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, git, makeRepository } from '../repository.ts'
import type { Row } from '../row.ts'

/** Files, counts and patch of a saved change, against one `git diff`. */
export async function diff(folder: string, changed: number): Promise<Row> {
  const source = makeRepository(join(folder, 'source'), changed)
  const engine = openEngine(join(folder, 'state'))
  const base = headOf(source)
  const checkout = { run: runOf(0), source: sourceOf('api', source), path: join(folder, 'workspace', 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  editFiles(checkout.path, Array.from({ length: changed }, (_, index) => index), 'changed')
  const { commit } = await engine.snapshots.capture(checkout, base, 1)
  const vault = join(folder, 'state', 'vaults', 'api.git')
  const paired = await measurePaired(
    9,
    { prepare: () => undefined, run: async () => void (await engine.snapshots.diff(checkout.source, base, commit)) },
    { prepare: () => undefined, run: () => void git(vault, ['--git-dir', vault, 'diff', '-M', base, commit]) },
  )
  return { name: `diff of ${changed} files`, floor: 'one git diff', goal: 1.35, paired }
}
