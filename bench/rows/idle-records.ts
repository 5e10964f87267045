import { join } from 'node:path'
import { takeInTurn } from '../paired.ts'
import type { Row } from '../row.ts'
import { fillMemory } from '../server/fill-memory.ts'
import { startMeasured, type Measured } from '../server/start-measured.ts'
import { startInUse } from '../server/use-server.ts'

/** Megabytes that a server may have more than node's own with nothing behind it; 64 of them keep pages of the index. */
const boundMb = 120

/** What a server in use, which found its index made, has more than node's own. */
export async function idleRecords(folder: string, notes: number): Promise<Row> {
  const filled = await fillMemory(join(folder, 'filled'), { notes, ended: 0, waiting: 0 })
  const { ours, floor } = await takeInTurn(3, () => residentOf(startInUse(filled)), () => residentOf(startMeasured(undefined)))
  const extra = ours.map((mb, round) => mb - (floor[round] ?? Number.NaN))
  return { name: `server with ${notes} records, more than node's own`, floor: `a bound of ${boundMb} MB`, goal: 1, unit: 'MB', paired: { ours: extra, floor: extra.map(() => boundMb) } }
}

async function residentOf(starting: Promise<Measured>): Promise<number> {
  const server = await starting
  try {
    return (await server.look()).rssMb
  } finally {
    await server.stop()
  }
}
