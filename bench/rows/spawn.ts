import { join } from 'node:path'
import { takeInTurn } from '../paired.ts'
import type { Row } from '../row.ts'
import { fillMemory } from '../server/fill-memory.ts'
import { startMeasured } from '../server/start-measured.ts'
import { startInUse } from '../server/use-server.ts'

/** Processes in a round, the middle one of which counts. */
const starts = 15

/** The start of a process from a server in use, as it starts the supervisor of a run, against the same from a node with nothing in it: the more memory a process has, the longer it takes the system to copy its page tables. */
export async function spawnFrom(folder: string, notes: number): Promise<Row> {
  const runs = 50
  const filled = await fillMemory(join(folder, 'filled'), { notes, ended: runs / 2, waiting: runs / 2 })
  // The first one makes the index, which most servers find there.
  await (await startInUse(filled)).stop()
  const server = await startInUse(filled)
  const empty = await startMeasured(undefined)
  try {
    const paired = await takeInTurn(15, () => server.spawn(starts), () => empty.spawn(starts))
    return { name: `a process run for a server with ${notes} records and ${runs} runs`, floor: 'the same from an empty node', goal: 1.3, paired }
  } finally {
    await server.stop()
    await empty.stop()
  }
}
