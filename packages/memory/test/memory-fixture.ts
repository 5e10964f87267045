import { join } from 'node:path'
import { recordLayout, type RecordKind } from '@signalbox/core'
import { createTempDir, writeFiles, type Files } from '@signalbox/testkit'
import { openMemory } from '../src/memory-store.ts'
import type { MemoryStore } from '../src/memory.ts'

const kindOf = { T: 'task', E: 'effort', D: 'decision', N: 'note', H: 'handoff' } as const satisfies Record<string, RecordKind>

const settings = `format: 1
repos:
  api:
    base_branch: main
    checks:
      test: npm test
  web:
    base_branch: main
`

/** Writes a memory repo of these files into an empty folder and opens it; its state folder lies beside it. */
export async function createMemory(files: Files): Promise<MemoryStore> {
  const folder = createTempDir('memory')
  writeFiles(join(folder, 'memory'), { 'signalbox.yaml': settings, ...files })
  return openMemory(join(folder, 'memory'), { state: join(folder, 'state') })
}

/** Returns one record's file. `fields` is its front matter below the id, as YAML. */
export function record(id: string, fields: string, body = ''): Files {
  const kind = kindOf[id.charAt(0) as keyof typeof kindOf]
  return { [`${recordLayout[kind].folder}/${id}.md`]: `---\nid: ${id}\n${fields.trim()}\n---\n${body}` }
}

/** Returns a task that is ready. */
export function task(id: string, title: string, body = '', fields = ''): Files {
  return record(id, `title: ${title}\nstatus: ready\n${fields}`, body)
}

/** Returns a note. */
export function note(id: string, title: string, body = '', fields = ''): Files {
  return record(id, `title: ${title}\n${fields}`, body)
}
