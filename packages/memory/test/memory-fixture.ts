import { join } from 'node:path'
import { configSchema, ControlError, recordLayout, type Config, type RecordKind } from '@signalbox/core'
import { createTempDir, writeFiles, type Files } from '@signalbox/testkit'
import type { MemoryStore } from '../src/memory.ts'
import { claimedId } from '../src/record-claims.ts'
import { createRecordReader } from '../src/record-reader.ts'

/** What an index is made from. */
export type IndexedMemory = Pick<MemoryStore, 'dir' | 'state' | 'read' | 'list' | 'readConfig'>

/** The settings of every memory made here. */
export const config: Config = configSchema.parse({ format: 1, repos: { api: { baseBranch: 'main', checks: { test: 'npm test' } }, web: { baseBranch: 'main' } } })

const kindOf = { T: 'task', E: 'effort', D: 'decision', N: 'note', H: 'handoff' } as const satisfies Record<string, RecordKind>

/** Writes a memory repo of these files into an empty folder; its state folder lies beside it. */
export function createMemory(files: Files): IndexedMemory {
  const folder = createTempDir('memory')
  writeFiles(join(folder, 'memory'), { 'signalbox.yaml': 'format: 1\nrepos: {}\n', ...files })
  return memoryAt(join(folder, 'memory'), join(folder, 'state'))
}

/** Reads the memory repo at `dir` the plain way: every file, each time. */
export function memoryAt(dir: string, state: string): IndexedMemory {
  const reader = createRecordReader(dir)
  return {
    dir,
    state,
    list: (kind) => reader.list(kind),
    read: async (kind, id) => {
      const { records, quarantined } = await reader.list(kind)
      const found = records.find((record) => record.id === id || ('aliases' in record && record.aliases.includes(id)))
      if (found !== undefined) return found
      const broken = quarantined.some(({ path }) => claimedId(kind, path) === id)
      throw new ControlError(broken ? 'record.quarantined' : `${kind}.not_found`, `There is no ${kind} ${id}`)
    },
    readConfig: async () => config,
  }
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
