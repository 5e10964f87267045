import { isNode, type CST, type YAMLSeq } from 'yaml'
import { lineEndAfter, lineStartOf, removeLines, type Edit } from './text-edit.ts'
import { equals, plainOf } from './yaml-plain.ts'
import { printItem, type YamlValue } from './yaml-print.ts'

interface Item {
  readonly start: number
  readonly end: number
  readonly plain: unknown
}

/**
 * Returns the edits that make a block list hold `value`: items at the front and at the end that stay keep their lines,
 * those between go, new ones get lines of their own. Undefined when the items do not each begin a line.
 */
export function findItemEdits(request: { readonly source: string; readonly newline: string; readonly list: YAMLSeq; readonly value: readonly YamlValue[] }): readonly Edit[] | undefined {
  const { source, newline, list, value } = request
  const dashes = dashesOf(list)
  const items = list.items.map((item, at) => itemAt(source, dashes[at], item))
  const indent = source.slice(lineStartOf(source, dashes[0] ?? 0), dashes[0])
  if (!/^ *$/.test(indent) || items.some((item) => item === undefined)) return undefined
  const old = items.filter((item) => item !== undefined)
  const front = countEqual(old, value)
  const back = countEqual(old.slice(front).toReversed(), value.slice(front).toReversed())
  const removed = old.slice(front, old.length - back).map(({ start, end }) => removeLines(source, start, end))
  const lines = value.slice(front, value.length - back).map((item) => printItem(item, indent).replaceAll('\n', newline))
  const at = front === 0 ? (old[0]?.start ?? 0) : (old[front - 1]?.end ?? 0)
  if (lines.length === 0) return removed
  const open = at > 0 && source[at - 1] !== '\n'
  const insert = open ? lines.map((line) => `${newline}${line}`).join('') : lines.map((line) => `${line}${newline}`).join('')
  return [{ start: at, end: at, insert }, ...removed]
}

function countEqual(old: readonly Item[], value: readonly YamlValue[]): number {
  const differs = old.findIndex((item, at) => at >= value.length || !equals(item.plain, plainOf(value[at])))
  return differs === -1 ? old.length : differs
}

function dashesOf(list: YAMLSeq): readonly (number | undefined)[] {
  const token = list.srcToken as CST.BlockSequence | undefined
  return (token?.items ?? []).map(({ start }) => start.find(({ type }) => type === 'seq-item-ind')?.offset)
}

function itemAt(source: string, dash: number | undefined, item: unknown): Item | undefined {
  if (dash === undefined) return undefined
  const start = lineStartOf(source, dash)
  if (source.slice(start, dash).trim() !== '') return undefined
  const last = Math.max(isNode(item) ? (item.range?.[1] ?? 0) : 0, dash + 1)
  return { start, end: source[last - 1] === '\n' ? last : lineEndAfter(source, last, true), plain: plainOf(item) }
}
