import { performance } from 'node:perf_hooks'

/** One side of a comparison: `prepare` is not timed and runs before each round. */
export interface Side<T> {
  readonly prepare: (round: number) => T | Promise<T>
  readonly run: (prepared: T) => void | Promise<void>
}

/** What was measured per round of both sides, taken in turn, so that a drifting machine hits both alike. */
export interface InTurn<T> {
  readonly ours: readonly T[]
  readonly floor: readonly T[]
}

/** Milliseconds, unless the row says what else. */
export type Paired = InTurn<number>

/** Rounds that warm caches and are not counted. */
const warmUps = 2

/** Times two sides in turn in one process, swapping who goes first. */
export function measurePaired<A, B>(rounds: number, ours: Side<A>, floor: Side<B>): Promise<Paired> {
  return takeInTurn(rounds, (round) => time(ours, round), (round) => time(floor, round))
}

/** Takes what each side says of itself in turn, swapping who goes first. */
export async function takeInTurn<T>(rounds: number, ours: (round: number) => Promise<T>, floor: (round: number) => Promise<T>): Promise<InTurn<T>> {
  const taken: { ours: T[]; floor: T[] } = { ours: [], floor: [] }
  for (let round = 0; round < rounds + warmUps; round += 1) {
    const first = round % 2 === 0 ? await ours(round) : undefined
    const ofFloor = await floor(round)
    const ofOurs = first ?? (await ours(round))
    if (round < warmUps) continue
    taken.ours.push(ofOurs)
    taken.floor.push(ofFloor)
  }
  return taken
}

async function time<T>(side: Side<T>, round: number): Promise<number> {
  const prepared = await side.prepare(round)
  const began = performance.now()
  await side.run(prepared)
  return performance.now() - began
}

/** Returns the middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new RangeError('there is no median of nothing')
  return middle
}

/** Returns the median of the ratios pair by pair. */
export function medianRatio({ ours, floor }: Paired): number {
  return median(ours.map((value, index) => value / (floor[index] ?? Number.NaN)))
}
