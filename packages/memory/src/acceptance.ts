import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'

/** A task's text with its checklist taken apart. */
export interface SplitTask {
  readonly text: string
  /** Markdown of the checklist, byte for byte; empty when there is none. */
  readonly acceptance: string
}

type Block = ReturnType<typeof parseBlocks>[number]

/**
 * Splits a task's body: acceptance is the section under a heading that begins with "Acceptance", else every list with check
 * boxes. The syntax tree decides, so a heading inside a fence or a comment is text.
 */
export function splitAcceptance(body: string): SplitTask {
  const blocks = parseBlocks(body)
  const section = findSection(blocks)
  const checklist = section.content.length > 0 ? section.content : blocks.filter(isChecklist)
  const spans = checklist.map(spanOf)
  return {
    text: cutOut(body, [...section.heading.map(spanOf), ...spans]).trim(),
    acceptance: spans.map(([start, end]) => body.slice(start, end)).join('\n\n'),
  }
}

function parseBlocks(body: string) {
  return unified().use(remarkParse).use(remarkGfm).parse(body).children
}

function findSection(blocks: readonly Block[]): { readonly heading: readonly Block[]; readonly content: readonly Block[] } {
  const start = blocks.findIndex((block) => block.type === 'heading' && /^acceptance\b/i.test(textOf(block)))
  const heading = blocks[start]
  if (heading?.type !== 'heading') return { heading: [], content: [] }
  const rest = blocks.slice(start + 1)
  const end = rest.findIndex((block) => block.type === 'heading' && block.depth <= heading.depth)
  return { heading: [heading], content: end === -1 ? rest : rest.slice(0, end) }
}

function isChecklist(block: Block): boolean {
  return block.type === 'list' && block.children.some((item) => typeof item.checked === 'boolean')
}

function textOf(block: Block): string {
  if (!('children' in block)) return ''
  return block.children.map((child) => ('value' in child ? child.value : '')).join('')
}

/** Offsets of a block; the parser gives every block a position. */
function spanOf(block: Block): readonly [start: number, end: number] {
  return [block.position?.start.offset ?? 0, block.position?.end.offset ?? 0]
}

function cutOut(text: string, spans: readonly (readonly [start: number, end: number])[]): string {
  const ends = spans.map(([, end]) => end)
  const starts = spans.map(([start]) => start)
  return [0, ...ends].map((from, at) => text.slice(from, starts[at] ?? text.length).trim()).filter((part) => part !== '').join('\n\n')
}
