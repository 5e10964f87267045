// Writes records of its own and looks for each at once, sharing the index with others of its kind; deletes the index each time.
// Prints what it did not find.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openMemory } from '../src/memory-store.ts'
import { createMemoryIndex } from '../src/memory-index.ts'
import { writeFiles } from '@signalbox/testkit'
import { note } from './memory-fixture.ts'

const [dir = '', state = '', number = ''] = process.argv.slice(2)
const index = createMemoryIndex(await openMemory(dir, { state }))
const missed: string[] = []
for (const nth of ['1', '2', '3', '4', '5']) {
  const id = `N0${number}0${nth}`
  writeFiles(dir, note(id, `word${number}x${nth}`))
  rmSync(join(state, 'index.sqlite'), { force: true })
  const found = await index.search.search(`word${number}x${nth}`, { limit: 5 })
  if (found.map((result) => result.id).join() !== id) missed.push(id)
}
await index.close()
process.stdout.write(JSON.stringify(missed))
