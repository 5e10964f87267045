// Ticks a hundred labels off one task, each edit conditional on what it read: half of the concurrency test.
import { join } from 'node:path'
import { openMemory } from '../src/memory-store.ts'
import { createLocks } from '../src/state-lock.ts'

const [dir = '', state = '', name = ''] = process.argv.slice(2)
const store = await openMemory(dir, { state })
const locks = createLocks()

for (let round = 0; round < 100; round += 1) {
  await locks.hold(
    join(state, 'state.lock'),
    async () => {
      const task = await store.read('task', 'T0001')
      await store.edit('task', 'T0001', { labels: [...task.labels, `${name}${round}`] }, { expect: task.hash })
    },
    { waitMs: 60_000 },
  )
}
