import { createHash } from 'node:crypto'
import { packetSections, type Packet, type PacketItem, type PacketSection, type TaskId } from '@signalbox/core'
import { renderPacket, type PacketContent } from './packet-render.ts'
import { tokensOf } from './packet-text.ts'

/** One part of a packet. Parts that are not required get room in the order given, as long as there is some. */
export interface PacketPart {
  readonly section: PacketSection['name']
  readonly item: PacketItem
  readonly required: boolean
}

export interface FitRequest {
  readonly task: TaskId
  /** Tokens of the whole Markdown. */
  readonly budget: number
  readonly parts: readonly PacketPart[]
  /** What is left out for another reason than room. */
  readonly missing: Packet['omitted']
}

/** Returns the packet with every part that fits, weighed as it is rendered; only required parts may exceed the budget. */
export function fitPacket(request: FitRequest): Packet {
  const optional = request.parts.filter((part) => !part.required)
  const start: ReadonlySet<PacketPart> = new Set(request.parts.filter((part) => part.required))
  // A part that is tried is weighed with all others in the list of what is left out, which can only become shorter.
  const kept = optional.reduce((sofar, part) => {
    const more = new Set([...sofar, part])
    return tokensOf(renderPacket(contentOf(request, more))) <= request.budget ? more : sofar
  }, start)
  const content = contentOf(request, kept)
  const markdown = renderPacket(content)
  return { ...content, hash: createHash('sha256').update(markdown).digest('hex'), tokens: tokensOf(markdown) }
}

function contentOf({ task, budget, parts, missing }: FitRequest, kept: ReadonlySet<PacketPart>): PacketContent {
  const omitted = parts.filter((part) => !kept.has(part)).map(({ item }) => ({ source: item.source, reason: `${item.reason}; does not fit the budget`, tokens: item.tokens }))
  const sections = packetSections.map((name) => {
    const items = parts.filter((part) => part.section === name && kept.has(part)).map(({ item }) => item)
    return { name, items, empty: items.length === 0 }
  })
  return { task, budget, sections, omitted: [...missing, ...omitted] }
}
