import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, git, makeRepository } from '../repository.ts'
import type { Row } from '../row.ts'

/** Files, counts and patch of a saved change that was shown before, against one `git diff`. */
export async function reopenDiff(folder: string, changed: number): Promise<Row> {
  const source = makeRepository(join(folder, 'source'), changed)
  const engine = openEngine(join(folder, 'state'))
  const base = headOf(source)
  const checkout = { run: runOf(0), source: sourceOf('api', source), path: join(folder, 'workspace', 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  editFiles(checkout.path, Array.from({ length: changed }, (_, index) => index), 'changed')
  const { commit } = await engine.snapshots.capture(checkout, base, 1)
  const vault = join(folder, 'state', 'vaults', 'api.git')
  const open = async (): Promise<void> => void (await engine.snapshots.reopenDiff(checkout.source, base, commit))
  await open()
  const paired = await measurePaired(15, { prepare: () => undefined, run: open }, { prepare: () => undefined, run: () => void git(vault, ['--git-dir', vault, 'diff', '-M', base, commit]) })
  return { name: `a diff of ${changed} files opened again`, floor: 'one git diff', goal: 0.05, paired }
}
