import { join } from 'node:path'
import { takeInTurn } from '../paired.ts'
import type { Row } from '../row.ts'
import { fillMemory } from '../server/fill-memory.ts'
import { startMeasured, type Measured } from '../server/start-measured.ts'
import { startInUse } from '../server/use-server.ts'

/** Megabytes that a server of 100,000 records may have more than node's own with nothing behind it; 64 of them keep pages of the index. */
const boundMb = 120
const most = 100_000

/** What a server in use, which found its index made, has more than node's own, at two sizes, and at 100,000 records by what one more of them costs between the two. */
export async function idleRecords(folder: string, few: number, many: number): Promise<readonly Row[]> {
  const none = { ended: 0, waiting: 0 }
  const small = await fillMemory(join(folder, 'few'), { notes: few, ...none })
  const large = await fillMemory(join(folder, 'many'), { notes: many, ...none })
  const { ours, floor } = await takeInTurn(3, async () => ({ few: await residentOf(startInUse(small)), many: await residentOf(startInUse(large)) }), async () => {
    const bare = await residentOf(startMeasured(undefined))
    return { few: bare, many: bare }
  })
  const extra = (size: 'few' | 'many'): readonly number[] => ours.map((memory, round) => memory[size] - (floor[round]?.[size] ?? Number.NaN))
  const [ofFew, ofMany] = [extra('few'), extra('many')]
  const atMost = ofMany.map((mb, round) => mb + ((mb - (ofFew[round] ?? Number.NaN)) / (many - few)) * (most - many))
  return [
    rowOf(`server with ${few} records, more than node's own`, ofFew),
    rowOf(`server with ${many} records, more than node's own`, ofMany),
    rowOf(`the same at ${most} by its growth`, atMost),
  ]
}

async function residentOf(starting: Promise<Measured>): Promise<number> {
  const server = await starting
  try {
    return (await server.look()).rssMb
  } finally {
    await server.stop()
  }
}

function rowOf(name: string, ours: readonly number[]): Row {
  return { name, floor: `a bound of ${boundMb} MB`, goal: 1, unit: 'MB', paired: { ours, floor: ours.map(() => boundMb) } }
}
