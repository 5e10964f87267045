import { join } from 'node:path'
import { takeInTurn } from '../paired.ts'
import type { Row } from '../row.ts'
import { fillMemory, type Filled } from '../server/fill-memory.ts'
import { startInUse } from '../server/use-server.ts'
import type { Memory } from '../server/messages.ts'

/** Kilobytes of the server that a run may cost. */
const boundKb = 64

/** What a server in use has more for each run that there is and nothing happens to, against a bound. */
export async function idleRuns(folder: string, count: number, state: 'ended' | 'waiting'): Promise<readonly Row[]> {
  const without = await fillMemory(join(folder, 'without'), { notes: 0, ended: 0, waiting: 0 })
  const filled = await fillMemory(join(folder, 'with'), { notes: 0, ended: 0, waiting: 0, [state]: count })
  const { ours, floor } = await takeInTurn(3, () => lookAt(filled), () => lookAt(without))
  const perRun = (kbOf: (memory: Memory) => number): readonly number[] => ours.map((memory, round) => (kbOf(memory) - kbOf(floor[round] ?? memory)) / count)
  const name = `server memory for each of ${count} runs that ${state === 'ended' ? 'have ended' : 'wait for an answer'}`
  return [
    rowOf(`${name}: what lives`, perRun(({ livingKb }) => livingKb)),
    rowOf(`${name}: resident`, perRun(({ rssMb }) => rssMb * 1_024)),
  ]
}

async function lookAt(filled: Filled): Promise<Memory> {
  const server = await startInUse(filled)
  try {
    return await server.look()
  } finally {
    await server.stop()
  }
}

function rowOf(name: string, ours: readonly number[]): Row {
  return { name, floor: `a bound of ${boundKb} KiB`, goal: 1, unit: 'KiB', paired: { ours, floor: ours.map(() => boundKb) } }
}
