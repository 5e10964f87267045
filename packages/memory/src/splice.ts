import { isMap, isScalar, isSeq, Parser, type CST, type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { findItemEdits } from './splice-list.ts'
import { applyEdits, lineEndAfter, lineStartOf, removeLines, type Edit } from './text-edit.ts'
import { entriesOf, offsetOf, parseYamlBlock, type Parsed, type YamlBlock } from './yaml-block.ts'
import { isList, printEntry, printInline, printQuoted, type YamlValue } from './yaml-print.ts'
import { equals, plainOf } from './yaml-plain.ts'

/** New values by key as it is written in the file; undefined takes the key out. */
export type KeyChanges = ReadonlyMap<string, YamlValue | undefined>

type MapValue = { readonly [key: string]: YamlValue }

/**
 * Returns the file's text with the changed keys spliced in; every byte that does not belong to a changed value stays.
 * The result is parsed again before it is returned: a problem means that the file is written in a way we cannot edit safely.
 */
export function spliceKeys(block: YamlBlock, changes: KeyChanges): Parsed<{ readonly text: string; readonly end: number }> {
  const edits = block.map === undefined ? [] : editMap(block, block.map, changes, block.end - block.start)
  const added = block.map === undefined ? addEntries(block, changes, '', block.end - block.start) : []
  const text = applyEdits(block.text, [...edits, ...added].map((edit) => ({ ...edit, start: edit.start + block.start, end: edit.end + block.start })))
  const end = block.end + text.length - block.text.length
  const reread = parseYamlBlock(text, block.start, end)
  if (reread.kind === 'parsed' && isAsMeant(block, reread.value, changes)) return { kind: 'parsed', value: { text, end } }
  const line = reread.kind === 'problem' ? reread.problem.line : null
  return { kind: 'problem', problem: { line, reason: `cannot be edited without touching other keys (${[...changes.keys()].join(', ')}); edit it by hand` } }
}

function isAsMeant(before: YamlBlock, after: YamlBlock, changes: KeyChanges): boolean {
  const expected = new Map<string, unknown>([...keysOf(before), ...[...changes].map(([key, value]) => [key, plainOf(value)] as const)])
  for (const [key, value] of changes) if (value === undefined) expected.delete(key)
  return equals(Object.fromEntries(expected), Object.fromEntries(keysOf(after)))
}

function keysOf(block: YamlBlock): readonly (readonly [string, unknown])[] {
  return block.map === undefined ? [] : entriesOf(block.map).map(([key, pair]) => [key, plainOf(pair.value)])
}

/** Edits of one block map; new keys go to `end`. */
function editMap(block: YamlBlock, map: YAMLMap, changes: KeyChanges, end: number): readonly Edit[] {
  const source = sourceOf(block)
  const pairs = new Map(entriesOf(map))
  const edits = [...changes].flatMap(([key, value]) => {
    const pair = pairs.get(key)
    if (pair === undefined) return []
    return value === undefined ? [removeLines(source, lineStartOf(source, offsetOf(pair.key)), endOfPair(source, pair))] : setValue(block, pair, value)
  })
  const first = entriesOf(map)[0]?.[1].key
  const indent = first === undefined ? '' : ' '.repeat(offsetOf(first) - lineStartOf(source, offsetOf(first)))
  const missing = new Map([...changes].filter(([key]) => !pairs.has(key)))
  return [...edits, ...addEntries(block, missing, indent, end)]
}

function addEntries(block: YamlBlock, changes: KeyChanges, indent: string, at: number): readonly Edit[] {
  const source = sourceOf(block)
  const lines = [...changes].flatMap(([key, value]) => (value === undefined ? [] : [printEntry(key, value, indent)]))
  if (lines.length === 0) return []
  const text = lines.join('\n').replaceAll('\n', block.newline)
  const open = at > 0 && source[at - 1] !== '\n'
  return [{ start: at, end: at, insert: open ? `${block.newline}${text}` : `${text}${block.newline}` }]
}

function setValue(block: YamlBlock, pair: Pair<Scalar, Node | null>, value: YamlValue): readonly Edit[] {
  const { value: node } = pair
  if (equals(plainOf(node), plainOf(value))) return []
  if (isBlockMap(node) && isMapValue(value) && Object.keys(value).length > 0) return editNested(block, node, value)
  if (isBlockList(node) && isList(value) && value.length > 0) {
    const edits = findItemEdits({ source: sourceOf(block), newline: block.newline, list: node, value })
    if (edits !== undefined) return edits
  }
  return replaceValue(block, pair, value)
}

function editNested(block: YamlBlock, map: YAMLMap, value: MapValue): readonly Edit[] {
  const removed = entriesOf(map).flatMap(([key]) => (key in value ? [] : [[key, undefined] as const]))
  const last = entriesOf(map).at(-1)?.[1]
  const end = last === undefined ? offsetOf(map) : endOfPair(sourceOf(block), last)
  return editMap(block, map, new Map([...removed, ...Object.entries(value)]), end)
}

/** Puts the new value after the colon, on its line; comments that were inside the old value follow it. */
function replaceValue(block: YamlBlock, pair: Pair<Scalar, Node | null>, value: YamlValue): readonly Edit[] {
  const source = sourceOf(block)
  const { colon, lead, from, end } = spanOf(source, pair)
  const indent = source.slice(lineStartOf(source, offsetOf(pair.key)), offsetOf(pair.key))
  const lineEnd = Math.max(end, lineEndAfter(source, end))
  const rest = source.slice(end, lineEnd).trim()
  const comments = commentsIn(source, from, end)
  const alone = rest === '' && comments.length === 0 && lead.trim() === '' && /^ *$/.test(indent)
  const printed = alone && !isQuoted(pair.value) ? printEntry('k', value, indent).slice(indent.length + 2) : ` ${printLike(pair.value, value)}`
  const text = printed.replaceAll('\n', block.newline)
  const [same, ...below] = rest === '' && !lead.includes('#') ? comments : [undefined, ...comments]
  const after = { start: lineEnd, end: lineEnd, insert: below.map((comment) => `${block.newline}${indent}${comment}`).join('') }
  // Spaces behind a value on one line would become text of a block: they go with it.
  const last = printed.includes('\n') ? lineEnd : end
  return [...placeAfterColon({ colon, lead, from, end: last }, same === undefined ? text : `${text} ${same}`), after]
}

/** Where a value stands: behind the colon comes `lead` (spaces, a tag, a comment) on the same line, then from `from` to `end` what goes. */
interface Span {
  readonly colon: number
  readonly lead: string
  readonly from: number
  /** Excludes the line end after the value. */
  readonly end: number
}

function spanOf(source: string, pair: Pair<Scalar, Node | null>): Span {
  const colon = colonOf(pair)
  const [from, to] = pair.value?.range ?? [colon, colon]
  if (to <= from) return { colon, lead: '', from: colon, end: colon }
  const end = to - (/\r?\n$/.exec(source.slice(from, to))?.[0].length ?? 0)
  const gap = source.slice(colon, from)
  const cut = gap.search(/\r?\n/)
  return cut === -1 ? { colon, lead: gap, from, end } : { colon, lead: gap.slice(0, cut), from: colon + cut, end }
}

/** `text` begins with the space after the colon or with a line end. */
function placeAfterColon({ colon, lead, from, end }: Span, text: string): readonly Edit[] {
  if (lead.trim() === '') return [{ start: colon, end, insert: text.startsWith(' ') && lead !== '' ? lead + text.slice(1) : text }]
  if (lead.trimStart().startsWith('#')) return [{ start: colon, end: colon, insert: text }, { start: from, end, insert: '' }]
  return [{ start: from, end, insert: text.trimStart() }]
}

function printLike(node: Node | null, value: YamlValue): string {
  if (!isQuoted(node) || typeof value !== 'string') return printInline(value)
  if (node.type === 'QUOTE_DOUBLE') return printQuoted(value)
  return node.type === 'QUOTE_SINGLE' && /^[\P{C}]*$/u.test(value) && !/[\u2028\u2029]/.test(value) ? `'${value.replaceAll("'", "''")}'` : printInline(value)
}

function isQuoted(node: Node | null): node is Scalar {
  return isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
}

function colonOf(pair: Pair<Scalar, Node | null>): number {
  const token = pair.srcToken?.sep?.find(({ type }) => type === 'map-value-ind')
  return token === undefined ? (pair.key.range?.[1] ?? 0) : token.offset + 1
}

function endOfPair(source: string, pair: Pair<Scalar, Node | null>): number {
  const end = Math.max(pair.value?.range?.[1] ?? 0, colonOf(pair))
  return source[end - 1] === '\n' ? end : lineEndAfter(source, end, true)
}

function commentsIn(source: string, start: number, end: number): readonly string[] {
  const found: string[] = []
  for (const token of new Parser().parse(source)) collectComments(token, (offset, text) => offset >= start && offset < end && found.push(text))
  return found
}

function collectComments(token: unknown, found: (offset: number, text: string) => unknown): void {
  if (Array.isArray(token)) token.forEach((item) => collectComments(item, found))
  else if (typeof token === 'object' && token !== null) {
    if (isComment(token)) found(token.offset, token.source)
    else Object.values(token).forEach((child) => collectComments(child, found))
  }
}

function isComment(token: object): token is CST.SourceToken {
  return 'type' in token && token.type === 'comment'
}

function sourceOf(block: YamlBlock): string {
  return block.text.slice(block.start, block.end)
}

function isBlockMap(node: unknown): node is YAMLMap {
  return isMap(node) && node.flow !== true && node.items.length > 0
}

function isBlockList(node: unknown): node is YAMLSeq {
  return isSeq(node) && node.flow !== true && node.items.length > 0
}

function isMapValue(value: YamlValue): value is MapValue {
  return typeof value === 'object' && value !== null && !isList(value)
}
