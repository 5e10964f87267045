import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, run } from '@signalbox/testkit'
import { expectNothingRuns } from './leftovers.ts'
import type { World } from './world.ts'

/**
 * Copies a world as it is now and returns a function that puts it back, so that each row of a table starts from the same
 * approved run without paying for it again: all that is still at work in it may end first. It comes back in the same place: state folders hold absolute paths.
 */
export async function saveWorld({ dir }: World): Promise<() => void> {
  await expectNothingRuns(dir)
  const saved = createTempDir('e2e-saved')
  run(dir, 'cp', ['-a', '.', saved])
  return () => {
    for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true, force: true })
    run(saved, 'cp', ['-a', '.', dir])
  }
}
