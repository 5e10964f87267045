import { performance } from 'node:perf_hooks'

/** One side of a comparison: `prepare` is not timed and runs before each round. */
export interface Side<T> {
  readonly prepare: (round: number) => T | Promise<T>
  readonly run: (prepared: T) => void | Promise<void>
}

/** Milliseconds per round of both sides, taken in turn in one process, so that a drifting machine hits both alike. */
export interface Paired {
  readonly ours: readonly number[]
  readonly floor: readonly number[]
}

/** Rounds that warm caches and are not counted. */
const warmUps = 2

/** Measures two sides in turn, swapping who goes first. */
export async function measurePaired<A, B>(rounds: number, ours: Side<A>, floor: Side<B>): Promise<Paired> {
  const taken: { ours: number[]; floor: number[] } = { ours: [], floor: [] }
  for (let round = 0; round < rounds + warmUps; round += 1) {
    const first = round % 2 === 0
    const a = first ? await time(ours, round) : undefined
    const b = await time(floor, round)
    const oursMs = a ?? (await time(ours, round))
    if (round < warmUps) continue
    taken.ours.push(oursMs)
    taken.floor.push(b)
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
