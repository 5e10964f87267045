import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runViewSchema } from '@signalbox/core'
import { acpPrograms } from '@signalbox/testkit'
import { createCall } from '../../e2e/harness/api-call.ts'
import { nameAgent } from '../../e2e/harness/asking-agent.ts'
import { serveWorld } from '../../e2e/harness/served-world.ts'
import { stateFolderOf } from '../../e2e/harness/state-folder.ts'
import { addRepo, createWorld, newTask } from '../../e2e/harness/world.ts'
import type { Row } from '../row.ts'

const rate = 20
const seconds = 30

/** Milliseconds in which 99 of a hundred calls are answered while agents of so many runs talk, against a bound. Every word has to be in its transcript, in order, and the server may not grow. */
export async function chattyRuns(count: number, boundMs: number): Promise<Row> {
  const world = await createWorld()
  nameAgent(world, 'chatty', [process.execPath, acpPrograms.chatty], { CHATTY_AGENT_RATE: String(rate), CHATTY_AGENT_SECONDS: String(seconds) })
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
  const tasks: string[] = []
  for (let number = 0; number < count; number += 1) tasks.push(await newTask(world, `Task ${number}`, '--repo', 'api'))
  const server = await serveWorld(world)
  const call = await createCall(world, server.url)
  const latencies: number[] = []
  const memory: number[] = []
  const serverPid = Number(JSON.parse(readFileSync(join(stateFolderOf(world), 'server.json'), 'utf8'))['pid'])
  try {
    const runs: string[] = []
    // Begun one after the other: a start is a git checkout, and what is measured is the talking.
    for (const task of tasks) runs.push(runViewSchema.parse(await call('POST', `/api/tasks/${task}/runs`, { agent: 'chatty' })).id)
    for (let open: readonly string[] = runs; open.length > 0; ) {
      for (const path of ['/api/tasks', '/api/runs', `/api/runs/${open[0]}`, `/api/runs/${open[0]}/transcript`]) {
        const began = performance.now()
        await call('GET', path)
        latencies.push(performance.now() - began)
      }
      memory.push(residentOf(serverPid))
      const { runs: all } = (await call('GET', '/api/runs')) as { runs: readonly { id: string; state: string; outcome: string | null; because: string }[] }
      const failed = all.find(({ state, outcome }) => state === 'ended' && outcome !== 'completed')
      if (failed !== undefined) throw new Error(`${failed.id} ${String(failed.outcome)}: ${failed.because}`)
      open = all.filter(({ state }) => state !== 'ended').map(({ id }) => id)
      await delay(50)
    }
    for (const run of runs) requireWords(join(stateFolderOf(world), 'runs', run, 'transcript.jsonl'), run)
  } finally {
    await server.stop()
    await world.close()
  }
  const sorted = latencies.toSorted((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  process.stderr.write(`server: ${Math.round(memory[0] ?? 0)} MB at first, ${Math.round(Math.max(...memory))} MB at most, ${Math.round(memory.at(-1) ?? 0)} MB at last\n`)
  return { name: `p99 of API calls while the agents of ${count} runs say ${rate} words a second each`, floor: `a bound of ${boundMs} ms`, goal: 1, paired: { ours: [p99], floor: [boundMs] } }
}

function requireWords(path: string, run: string): void {
  const lines = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind?: string; text: string })
  const words = lines.flatMap(({ kind, text }) => (kind === 'message' ? [Number(/^word (\d+) /.exec(text)?.[1])] : []))
  const expected = Array.from({ length: rate * seconds }, (_, word) => word).filter((word) => word % 5 !== 4)
  if (words.join() !== expected.join()) throw new Error(`${run} has ${words.length} words of ${expected.length}, or not in order`)
}

/** Megabytes of memory that a process has. */
function residentOf(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return (Number(pages) * 4_096) / 1_048_576
}
