import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, git, makeRepository, shell } from '../repository.ts'
import type { Row } from '../row.ts'

/** What a capture is held against, in shell; `$base` is the commit the checkout was made of. */
const floors = {
  once: { name: 'warm index + add -A + write-tree + commit-tree', script: 'git add -A; git commit-tree -m s -p $base $(git write-tree)' },
  // What our capture promises: objects that are on disk when it ends, a second look that agrees with the first, and how large the change is.
  twice: {
    name: 'the same on disk, with a second look, and the change listed and counted',
    script: 'export GIT_CONFIG_PARAMETERS="\'core.fsync=committed,loose-object\' \'core.fsyncMethod=batch\'"; git add -A; t=$(git write-tree); git add -A; [ $t = $(git write-tree) ]; git diff-tree -r -t -z --raw --no-renames --numstat $base $t > /dev/null; git commit-tree -m s -p $base $t',
  },
} as const

/** A capture with changes unknown, against plain git over a copy of the warm index. */
export async function seal(folder: string, { files, changed, looks }: { readonly files: number; readonly changed: number; readonly looks: keyof typeof floors }): Promise<Row> {
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
      run: () => shell(plain, `set -e; export base=${base} GIT_INDEX_FILE=${join(folder, 'index')} GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b; ${floors[looks].script}`),
    },
  )
  return { name: `seal (${changed} of ${files} files changed)`, floor: floors[looks].name, goal: 1.1, paired }
}
