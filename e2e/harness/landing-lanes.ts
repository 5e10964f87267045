import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { KilledRound } from './killed-landing.ts'

/** Worlds at work beside each other: the machine this must run on has two cores. */
const lanes = 2

/** Kills so many landings, in several worlds at once, and returns what was found after each recovery. */
export async function killLandingsInLanes(count: number): Promise<readonly KilledRound[]> {
  const shares = Array.from({ length: lanes }, (_, lane) => Math.floor((count + lane) / lanes))
  const rounds = await Promise.all(shares.map((share, lane) => runLane(share, lane)))
  return rounds.flat()
}

async function runLane(count: number, lane: number): Promise<readonly KilledRound[]> {
  const worker = new Worker(new URL('landing-lane.ts', import.meta.url), { workerData: { count, lane } })
  const [rounds] = (await once(worker, 'message')) as [readonly KilledRound[]]
  return rounds
}
