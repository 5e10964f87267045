import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, git, makeRepository, shell } from '../repository.ts'
import type { Row } from '../row.ts'

/** A capture with changes unknown, against a copy of the warm index, `add -A`, `write-tree`, `commit-tree`. */
export async function seal(folder: string, files: number, changed: number): Promise<Row> {
  const source = makeRepository(join(folder, 'source'), files)
  const engine = openEngine(join(folder, 'state'))
  const base = headOf(source)
  const checkout = { run: runOf(0), source: sourceOf('api', source), path: join(folder, 'workspace', 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  const plain = join(folder, 'plain')
  git(source, ['worktree', 'add', '-q', '--detach', plain, base])
  const gitDir = git(plain, ['rev-parse', '--absolute-git-dir']).trim()
  const edited = Array.from({ length: changed }, (_, index) => (index * 7) % files)
  const paired = await measurePaired(
    9,
    {
      prepare: (round) => {
        editFiles(checkout.path, edited, `round ${round}`)
        return round + 1
      },
      run: async (number) => void (await engine.snapshots.capture(checkout, base, number)),
    },
    {
      prepare: (round) => {
        editFiles(plain, edited, `round ${round}`)
        copyFileSync(join(gitDir, 'index'), join(folder, 'index'))
      },
      run: () => shell(plain, `export GIT_INDEX_FILE=${join(folder, 'index')} GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b; git add -A; git commit-tree -m s -p ${base} $(git write-tree)`),
    },
  )
  return { name: `seal (${changed} of ${files} files changed)`, floor: 'warm index + add -A + write-tree + commit-tree', goal: 1.1, paired }
}
