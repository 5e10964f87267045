import { hasCode, recordKinds, recordLayout, type Handoff, type Packet } from '@signalbox/core'
import type { Catalog } from './catalog.ts'
import type { Entry } from './index-entry.ts'
import { readRecord, type MemoryFiles, type ReadRecord } from './memory-files.ts'
import type { MemoryStore } from './memory.ts'
import type { PacketPart } from './packet-fit.ts'
import { describeFreshness } from './packet-freshness.ts'
import { allowanceOf, backgroundItem } from './packet-item.ts'
import { sectionOf, type Selection } from './packet-select.ts'

/** Parts that are background, and what was asked for but cannot be shown. */
export interface Background {
  readonly parts: readonly PacketPart[]
  readonly missing: Packet['omitted']
}

interface Found {
  readonly read: ReadRecord
  readonly reason: string
}

export interface BackgroundSources {
  readonly memory: Pick<MemoryStore, 'read'>
  readonly files: MemoryFiles
  readonly catalog: Catalog
}

/** Reads what was selected. The first useful handoff is always in; everything else as long as there is room. */
export async function readBackground(sources: BackgroundSources, selection: Selection, budget: number): Promise<Background> {
  const asked = await Promise.all(selection.missing.map((link) => resolveLink(sources, link)))
  const picked = selection.candidates.map(({ entry, reason }) => readPicked(sources.files, entry, reason))
  const found = [...asked, ...picked].filter((outcome) => 'read' in outcome)
  const handoff = found.find(({ read }) => read.kind === 'handoff' && isUseful(read.record)) ?? found.find(({ read }) => read.kind === 'handoff')
  const parts = found.map(async ({ read, reason }) => {
    const why = { reason, freshness: await describeFreshness(read, sources.catalog) }
    const isLast = handoff?.read === read
    return { section: sectionOf[read.kind], item: backgroundItem(read, why, isLast ? allowanceOf('handoff', budget) : undefined), required: isLast }
  })
  const unsearched = selection.searched ? [] : [{ source: 'search', reason: 'the index cannot be used here, so nothing was looked for by its words', tokens: 0 }]
  return { parts: await Promise.all(parts), missing: [...[...asked, ...picked].filter((outcome) => 'tokens' in outcome), ...unsearched] }
}

function readPicked(files: MemoryFiles, { kind, path }: Pick<Entry, 'kind' | 'path'>, reason: string): Found | Packet['omitted'][number] {
  const parsed = readRecord(files, kind, path)
  if (parsed?.kind === 'parsed') return { read: parsed.value, reason }
  return { source: path, reason: `${reason}; ${parsed === undefined ? 'deleted' : 'made unreadable'} while the packet was assembled`, tokens: 0 }
}

/** A link that no record's id answers may be an id a record had before it was renumbered, or that of a quarantined file. */
async function resolveLink({ memory, files }: BackgroundSources, { id, reason }: Selection['missing'][number]): Promise<Found | Packet['omitted'][number]> {
  const kind = recordKinds.find((each) => recordLayout[each].letter === id.charAt(0))
  if (kind === undefined) return { source: id, reason: `${reason}; not an id`, tokens: 0 }
  try {
    const { path } = await memory.read(kind, id)
    return readPicked(files, { kind, path }, `${reason} as ${id}`)
  } catch (error) {
    if (hasCode(error, `${kind}.not_found`)) return { source: id, reason: `${reason}; there is no such record`, tokens: 0 }
    if (hasCode(error, 'record.quarantined')) return { source: id, reason: `${reason}; its file needs repair, see \`signalbox doctor\``, tokens: 0 }
    throw error
  }
}

/** A run that was cut off at once leaves a handoff that says nothing; the one before it may. */
function isUseful({ evidence, blocker, body }: Handoff): boolean {
  return evidence.changed.length > 0 || evidence.validation.length > 0 || (blocker !== null && blocker !== '') || body.trim() !== ''
}
