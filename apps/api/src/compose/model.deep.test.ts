import { removeTempDirs } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { sequences } from '../../test/model/commands.ts'
import { checkIndex, checkRounds, keepingSources } from '../../test/model/invariants.ts'
import { prepareWorlds } from '../../test/model/world.ts'

afterAll(removeTempDirs)

/**
 * How many sequences, of how many steps at most, and from which seed: as asked for by the human who starts them. Few are the
 * same each time, so that a failure is of the change at hand; many are others each time.
 */
const asked = process.env['SIGNALBOX_SEQUENCES']
const SEQUENCES = Number(asked ?? 3)
const LONGEST = 14
const SEED = Number(process.env['SIGNALBOX_SEED'] ?? (asked === undefined ? 2 : Date.now() % 100_000))

it(`holds what it promises through ${SEQUENCES} sequences of tasks, runs, rounds, landings and a human's own work (seed ${SEED})`, { timeout: Infinity }, async () => {
  const seen = new Map<string, number>()
  const createWorld = await prepareWorlds(seen)
  await fc.assert(
    fc.asyncProperty(sequences(LONGEST), async ([first, rest]) => {
      const { world, model } = await createWorld()
      try {
        await fc.asyncModelRun(() => ({ model, real: world }), [first, ...rest])
        await keepingSources(model, world, async () => {
          await checkRounds(model, world)
          await checkIndex(world)
          return {}
        })
      } finally {
        await world.close()
      }
    }),
    { numRuns: SEQUENCES, seed: SEED },
  )
  const told = [...seen].map(([what, times]) => `${what}: ${times}`).toSorted((a, b) => (a < b ? -1 : 1)).join('\n')
  if (asked !== undefined) console.log(told)
  // Sequences in which nothing lands would hold any promise.
  expect(seen.get('merge: done') ?? 0, told).toBeGreaterThan(0)
})
