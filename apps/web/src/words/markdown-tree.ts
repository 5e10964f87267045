/** A piece of rendered Markdown: what a page shows as plain elements. Raw HTML is `text`, an image is a `link`. */
export type MarkdownNode =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'code_block'; readonly text: string; readonly language: string }
  | { readonly kind: 'break' | 'rule' }
  | { readonly kind: 'link'; readonly url: string; readonly children: readonly MarkdownNode[] }
  /** `depth` 1 is the outermost there is; none is left out on the way down, whatever the author skipped. */
  | { readonly kind: 'heading'; readonly depth: number; readonly children: readonly MarkdownNode[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly start: number; readonly children: readonly MarkdownNode[] }
  | { readonly kind: 'item'; readonly checked: boolean | null; readonly children: readonly MarkdownNode[] }
  | { readonly kind: 'paragraph' | 'quote' | 'strong' | 'emphasis' | 'deleted' | 'table' | 'row' | 'head' | 'cell'; readonly children: readonly MarkdownNode[] }

/** The part of a parser's syntax tree that is read; what it lacks is undefined or null. */
export interface SyntaxNode {
  readonly type: string
  readonly value?: string | undefined
  readonly children?: readonly SyntaxNode[] | undefined
  readonly url?: string | undefined
  readonly identifier?: string | undefined
  readonly alt?: string | null | undefined
  readonly depth?: number | undefined
  readonly ordered?: boolean | null | undefined
  readonly start?: number | null | undefined
  readonly checked?: boolean | null | undefined
  readonly lang?: string | null | undefined
}

/** Deepest nesting that is still taken apart; text below it is shown as it stands in a paragraph. */
const deepest = 40

/** Turns a syntax tree into what the page shows. */
export function readMarkdownTree(root: SyntaxNode): readonly MarkdownNode[] {
  const definitions = new Map((root.children ?? []).flatMap((node) => (node.type === 'definition' ? [[node.identifier ?? '', node.url ?? ''] as const] : [])))
  return readAll(root.children ?? [], { definitions, open: [] }, 0)
}

interface Reading {
  /** Addresses of link references. */
  readonly definitions: ReadonlyMap<string, string>
  /** As the author wrote them, the depths of the headings that what comes next stands under. */
  readonly open: number[]
}

function readAll(nodes: readonly SyntaxNode[], reading: Reading, depth: number): readonly MarkdownNode[] {
  return nodes.flatMap((node) => readNode(node, reading, depth + 1))
}

function readNode(node: SyntaxNode, reading: Reading, depth: number): readonly MarkdownNode[] {
  if (depth > deepest) return [{ kind: 'text', text: textOf(node, 0) }]
  const children = (): readonly MarkdownNode[] => readAll(node.children ?? [], reading, depth)
  const container = containers.get(node.type)
  if (container !== undefined) return [{ kind: container, children: children() }]
  switch (node.type) {
    case 'text':
    case 'html':
      return [{ kind: 'text', text: node.value ?? '' }]
    case 'inlineCode':
      return [{ kind: 'code', text: node.value ?? '' }]
    case 'code':
      return [{ kind: 'code_block', text: node.value ?? '', language: node.lang ?? '' }]
    case 'break':
      return [{ kind: 'break' }]
    case 'thematicBreak':
      return [{ kind: 'rule' }]
    case 'table':
      return [{ kind: 'table', children: nameColumns(children()) }]
    case 'heading':
      return [{ kind: 'heading', depth: openHeading(reading.open, node.depth ?? 1), children: children() }]
    case 'list':
      return [{ kind: 'list', ordered: node.ordered === true, start: node.start ?? 1, children: children() }]
    case 'listItem':
      return [{ kind: 'item', checked: node.checked ?? null, children: children() }]
    case 'link':
    case 'linkReference':
      return [{ kind: 'link', url: node.url ?? reading.definitions.get(node.identifier ?? '') ?? '', children: children() }]
    case 'image':
    case 'imageReference':
      return [{ kind: 'link', url: node.url ?? reading.definitions.get(node.identifier ?? '') ?? '', children: [{ kind: 'text', text: `Image: ${node.alt ?? ''}` }] }]
    case 'definition':
      return []
    default:
      return node.children === undefined ? [{ kind: 'text', text: node.value ?? '' }] : [{ kind: 'paragraph', children: children() }]
  }
}

/** The first row of a table says what its columns are. */
function nameColumns([first, ...others]: readonly MarkdownNode[]): readonly MarkdownNode[] {
  if (first?.kind !== 'row') return first === undefined ? [] : [first, ...others]
  return [{ ...first, children: first.children.map((cell) => (cell.kind === 'cell' ? { ...cell, kind: 'head' } : cell)) }, ...others]
}

/** Opens a heading and returns how many it stands under, itself included. */
function openHeading(open: number[], depth: number): number {
  while ((open.at(-1) ?? 0) >= depth) open.pop()
  return open.push(depth)
}

const containers = new Map<string, 'paragraph' | 'quote' | 'strong' | 'emphasis' | 'deleted' | 'row' | 'cell'>([
  ['paragraph', 'paragraph'],
  ['blockquote', 'quote'],
  ['strong', 'strong'],
  ['emphasis', 'emphasis'],
  ['delete', 'deleted'],
  ['tableRow', 'row'],
  ['tableCell', 'cell'],
])

/** Returns the text within a node, however deep; the limit is against trees that are only depth. */
function textOf(node: SyntaxNode, depth: number): string {
  if (depth > 1_000) return ''
  return node.value ?? (node.children ?? []).map((child) => textOf(child, depth + 1)).join(' ')
}
