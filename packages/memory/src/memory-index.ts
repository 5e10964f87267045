import { join } from 'node:path'
import type { IndexAccess } from './index-access.ts'
import { createMemoryFiles, type MemoryFiles } from './memory-files.ts'
import type { MemoryStore, Packets, Search } from './memory.ts'
import { createPackets } from './packet.ts'

/** Search and context packets of one memory repo, over one generated index. */
export interface MemoryIndex {
  readonly search: Search
  readonly packets: Packets
  /** Closes the index file; what is under way ends first. */
  close(): Promise<void>
}

/** Creates search and packets of a memory repo. Nothing is opened before the first question; the index may be deleted at any time. */
export function createMemoryIndex(memory: Pick<MemoryStore, 'dir' | 'state' | 'read' | 'list' | 'readConfig'>, files: MemoryFiles = createMemoryFiles(memory.dir)): MemoryIndex {
  const index = openLate(files, join(memory.state, 'index.sqlite'))
  const search: Search = {
    search: async (text, options) => (await import('./search.ts')).createSearch(index, files).search(text, options),
    rebuild: () => index.rebuild(),
  }
  return { search, packets: createPackets({ memory, files, index }), close: () => index.close() }
}

/** Loads what speaks SQL with the first question: most commands ask none, and it would be a third of their start. */
function openLate(files: MemoryFiles, file: string): IndexAccess {
  let opened: Promise<IndexAccess> | undefined
  const open = (): Promise<IndexAccess> => (opened ??= import('./index-access.ts').then(({ createIndexAccess }) => createIndexAccess(files, file)))
  return {
    use: async (work) => (await open()).use(work),
    rebuild: async () => (await open()).rebuild(),
    close: async () => (await opened)?.close(),
  }
}
