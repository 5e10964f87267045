import { join } from 'node:path'
import { createIndexAccess } from './index-access.ts'
import { createMemoryFiles, type MemoryFiles } from './memory-files.ts'
import type { MemoryStore, Packets, Search } from './memory.ts'
import { createPackets } from './packet.ts'
import { createSearch } from './search.ts'

/** Search and context packets of one memory repo, over one generated index. */
export interface MemoryIndex {
  readonly search: Search
  readonly packets: Packets
  /** Closes the index file; what is under way ends first. */
  close(): Promise<void>
}

/** Creates search and packets of a memory repo. Nothing is opened before the first question; the index may be deleted at any time. */
export function createMemoryIndex(memory: Pick<MemoryStore, 'dir' | 'state' | 'read' | 'list' | 'readConfig'>, files: MemoryFiles = createMemoryFiles(memory.dir)): MemoryIndex {
  const index = createIndexAccess(files, join(memory.state, 'index.sqlite'))
  return { search: createSearch(index, files), packets: createPackets({ memory, files, index }), close: () => index.close() }
}
