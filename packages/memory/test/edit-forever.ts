// Edits and creates records for as long as it lives: what the kill test ends at any moment.
import { once } from 'node:events'
import { join } from 'node:path'
import { openMemory } from '../src/memory-store.ts'
import { createLocks } from '../src/state-lock.ts'

const [dir = '', state = ''] = process.argv.slice(2)
const store = await openMemory(dir, { state })
const locks = createLocks()
process.stdout.write('ready\n')
await once(process.stdin, 'data')

for (let round = 0; ; round += 1) {
  const text = `${process.pid}-${round} `.repeat(4000)
  await locks.hold(join(state, 'state.lock'), async () => {
    await store.edit('task', 'T0001', { labels: [text.slice(0, 20)] }, { body: `${text}\n` })
    if (round % 3 === 0) await store.create('note', { title: `Note of ${process.pid}` }, `${text}\n`)
    await store.commit(`T0001: round ${process.pid}-${round}`)
  })
}
