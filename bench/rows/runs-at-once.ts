import { setTimeout as delay } from 'node:timers/promises'
import { runViewSchema } from '@signalbox/core'
import { createCall } from '../../e2e/harness/api-call.ts'
import { serveWorld } from '../../e2e/harness/served-world.ts'
import { addRepo, createWorld, newTask } from '../../e2e/harness/world.ts'
import { pathOf, textOf } from '../repository.ts'
import type { Row } from '../row.ts'

const repos = ['api', 'web', 'shared'] as const
const files = 2_000

/** Milliseconds in which 99 of a hundred calls are answered while runs in three repositories each begin, work and end, against a bound. All must be sealed. */
export async function runsAtOnce(count: number, boundMs: number): Promise<Row> {
  const world = await createWorld()
  const tree = Object.fromEntries(Array.from({ length: files }, (_, index) => [pathOf(index), textOf(index)]))
  for (const repo of repos) await addRepo(world, repo, world.source(repo, tree))
  const tasks: string[] = []
  for (let number = 0; number < count; number += 1) tasks.push(await newTask(world, `Task ${number}`, ...repos.flatMap((repo) => ['--repo', repo])))
  const server = await serveWorld(world)
  const call = await createCall(world, server.url)
  const latencies: number[] = []
  try {
    const runs = await Promise.all(tasks.map(async (task) => runViewSchema.parse(await call('POST', `/api/tasks/${task}/runs`, { agent: 'shell', argv: ['sh', '-c', script] })).id))
    for (let open: readonly string[] = runs; open.length > 0; ) {
      const states = await Promise.all(open.map(async (run) => runViewSchema.parse(await call('GET', `/api/runs/${run}`))))
      for (const path of ['/api/tasks', '/api/runs', '/api/handoffs']) {
        const began = performance.now()
        await call('GET', path)
        latencies.push(performance.now() - began)
      }
      for (const run of states.filter(({ state }) => state === 'ended')) {
        if (run.outcome !== 'completed' || run.snapshots.length !== 1) throw new Error(`${run.id} ended ${String(run.outcome)} with ${run.snapshots.length} snapshots`)
      }
      open = states.filter(({ state }) => state !== 'ended').map(({ id }) => id)
      await delay(20)
    }
  } finally {
    await server.stop()
    await world.close()
  }
  const sorted = latencies.toSorted((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  return { name: `p99 of API calls while ${count} runs work in ${repos.length} repositories of ${files} files`, floor: `a bound of ${boundMs} ms`, goal: 1, paired: { ours: [p99], floor: [boundMs] } }
}

/** Changes fifty files of each repository, in a second. */
const script = `for repo in ${repos.join(' ')}; do for file in $repo/src/part1/*; do echo '// changed' >> $file; done; done; sleep 1`
