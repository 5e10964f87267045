import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import { entriesOf } from './yaml-block.ts'

/** Returns a node, or a value to be written, with every scalar as text: what two files say is compared in this form. */
export function plainOf(value: unknown): unknown {
  if (isMap(value)) return Object.fromEntries(entriesOf(value).map(([key, pair]) => [key, plainOf(pair.value)]))
  if (isSeq(value)) return value.items.map(plainOf)
  if (isScalar(value)) return String(value.value)
  if (isAlias(value)) return { alias: value.source }
  if (Array.isArray(value)) return value.map(plainOf)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainOf(item)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : ''
}

/** Tells whether two values are the same; the order of a map's keys does not count. */
export function equals(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const before = new Map(Object.entries(a))
  const after = Object.entries(b)
  return before.size === after.length && after.every(([key, value]) => before.has(key) && equals(before.get(key), value))
}
