import { join } from 'node:path'
import { headOf, main, openEngine, runOf, sourceOf } from '../engine.ts'
import { measurePaired } from '../paired.ts'
import { editFiles, makeRepository, shell } from '../repository.ts'
import type { Row } from '../row.ts'

/** Files of each repository, as in the measurement the goals were set by. */
const files = 2_000

/** The looks of a gate at its targets, against the same two git calls a repository from bash, in parallel as well. */
export async function gate(folder: string, repos: number, goal: number): Promise<Row> {
  const engine = openEngine(join(folder, 'state'))
  const rounds = await Promise.all(
    Array.from({ length: repos }, async (_, index) => {
      const source = makeRepository(join(folder, `source${index}`), files)
      const base = headOf(source)
      const checkout = { run: runOf(0), source: sourceOf(`repo${index}`, source), path: join(folder, 'workspace', `repo${index}`), isolation: 'private' as const }
      await engine.workspaces.create(checkout, base, main)
      editFiles(checkout.path, [1, 2, 3], 'gate')
      const { commit } = await engine.snapshots.capture(checkout, base, 1)
      return { source: checkout.source, base, commit }
    }),
  )
  const script = rounds.map(({ source }) => `( cd ${source.path}; git --no-optional-locks status --porcelain=v2 -z --branch -uall & git worktree list --porcelain -z & wait )`).join(' & ')
  const paired = await measurePaired(
    15,
    { prepare: () => undefined, run: async () => void (await Promise.all(rounds.flatMap(({ source, base, commit }) => [engine.sources.readTarget(source, main, { base, commit }), engine.snapshots.findReverts(source, base, commit)]))) },
    { prepare: () => undefined, run: () => shell(folder, `${script} & wait`) },
  )
  return { name: `gate of ${repos} ${repos === 1 ? 'repository' : 'repositories'}`, floor: 'the same two git calls from bash', goal, paired }
}
