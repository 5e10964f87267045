import { beforeAll, describe, expect, it } from 'vitest'
import type { KilledRound } from './harness/killed-landing.ts'
import { killLandingsInLanes } from './harness/landing-lanes.ts'

/** How many landings are killed: a few through the whole program, for the engine's own test kills forty-four. `npm run test:crash` kills more of both. */
const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 6)

describe(`a landing in three repositories that is killed at ${kills} moments`, () => {
  let rounds: readonly KilledRound[]
  const faults = (kind: keyof KilledRound['faults']): readonly string[] => rounds.flatMap((round) => round.faults[kind].map((fault) => `${round.name}: ${fault}`))

  beforeAll(async () => {
    rounds = await killLandingsInLanes(kills)
    console.log(tell(rounds))
  }, 60_000 + kills * 30_000)

  it('is killed before, while and after its targets move', () => {
    const publishing = rounds.filter(({ progress }) => !progress.endsWith(' the journal'))
    expect(publishing.length).toBeGreaterThan(kills / 6)
  })

  it('lands everywhere or nowhere, and its record says which', () => expect(faults('landing')).toEqual([]))
  it('leaves every byte of the human as it was', () => expect(faults('bytes')).toEqual([]))
  it('leaves no lock and no temporary file', () => expect(faults('leftovers')).toEqual([]))
  it('leaves repositories that git finds sound, and nothing uncommitted', () => expect(faults('soundness')).toEqual([]))
  it('can be merged, or undone, as if nothing had been', () => expect(faults('afterwards')).toEqual([]))
})

/** Where the kills hit, for whoever reads the log of the tests. */
function tell(rounds: readonly KilledRound[]): string {
  const counts = new Map<string, number>()
  for (const { progress } of rounds) counts.set(progress, (counts.get(progress) ?? 0) + 1)
  const lines = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([progress, count]) => `  ${String(count).padStart(3)}  ${progress}`)
  const merged = rounds.filter((round) => round.merged).length
  return [`Killed landings, by how far they were (${merged} were then finished, ${rounds.length - merged} taken back):`, ...lines].join('\n')
}
