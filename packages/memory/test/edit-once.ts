// Makes one edit and commits it: what the test kills after each git command in turn.
import { openMemory } from '../src/memory-store.ts'

const [dir = '', state = '', title = ''] = process.argv.slice(2)
const store = await openMemory(dir, { state })
await store.edit('task', 'T0001', { title })
await store.commit(`T0001: ${title}`)
