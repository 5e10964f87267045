import { sayIssue, type SchemaIssue } from '@signalbox/core'
import { isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { entriesOf, offsetOf, problemAt, type Parsed, type YamlBlock } from './yaml-block.ts'

/** A schema as seen from here: core's, whatever the kind. */
interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } }
}

interface Issue extends SchemaIssue {
  readonly path: readonly PropertyKey[]
  readonly errors?: readonly (readonly Issue[])[]
  readonly issues?: readonly Issue[]
}

/** A plain scalar that YAML would type: tried as each candidate in order until the schema takes one. */
interface Guess {
  readonly assign: (value: unknown) => void
  readonly candidates: unknown[]
}

interface Reading {
  readonly guesses: Map<string, Guess>
  /** Path to offset of the value, for the line of a problem. */
  readonly offsets: Map<string, number>
  /** Paths of keys written without a value, where none is as good as no key. */
  readonly dropped: Set<string>
}

/**
 * Reads a block's map by a schema in camelCase. What a plain scalar means is decided by the schema: `0147`, `1.10`, `no`
 * and `null` are text where text is wanted, and a number, boolean or null only where nothing else fits.
 */
export function readFields<T>(block: YamlBlock, schema: Schema<T>): Parsed<T> {
  const reading: Reading = { guesses: new Map(), offsets: new Map(), dropped: new Set() }
  const value = block.map === undefined ? {} : readMap(block.map, [], reading)
  for (;;) {
    const result = schema.safeParse(value)
    if (result.success) return { kind: 'parsed', value: result.data }
    const retried = result.error.issues.filter((issue) => tryNext(reading, issue.path))
    if (retried.length === 0) return problemOf(block, reading, result.error.issues)
  }
}

/** Returns the snake_case spelling of a camelCase key. */
export function toSnake(key: string): string {
  return key.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Returns the camelCase spelling of a snake_case key. */
export function toCamel(key: string): string {
  return key.replaceAll(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Returns a value with the keys of every map inside in snake_case, without those that are undefined. */
export function toSnakeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnakeValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[toSnake(key), toSnakeValue(item)]])))
}

function readNode(node: Node, path: readonly PropertyKey[], reading: Reading): unknown {
  if (isMap(node)) return readMap(node, path, reading)
  if (!isSeq(node)) return undefined
  const list: unknown[] = []
  node.items.forEach((item, at) => place((value) => (list[at] = value), item, [...path, at], reading))
  return list
}

function readMap(map: YAMLMap, path: readonly PropertyKey[], reading: Reading): Record<string, unknown> {
  // Without a prototype, so that a key named __proto__ is a key like any other.
  const record: Record<string, unknown> = Object.create(null)
  for (const [key, pair] of entriesOf(map)) {
    const name = toCamel(key)
    const assign = (value: unknown) => {
      if (value === absent) delete record[name]
      else record[name] = value
    }
    reading.offsets.set(pathKey([...path, name]), offsetOf(pair.key))
    place(assign, pair.value, [...path, name], reading)
  }
  return record
}

function place(assign: (value: unknown) => void, node: unknown, path: readonly PropertyKey[], reading: Reading): void {
  const key = pathKey(path)
  if (isNode(node) && !reading.offsets.has(key)) reading.offsets.set(key, offsetOf(node))
  if (isNode(node) && !isScalar(node)) return assign(readNode(node, path, reading))
  const [first, ...candidates] = isScalar(node) ? candidatesOf(node, path.length === 1) : [null, '']
  assign(first)
  if (candidates.length > 0) reading.guesses.set(key, { assign, candidates })
}

/** Marks a key as if it were not written: an empty `effort:` means no effort. */
const absent = Symbol('absent')

function candidatesOf(scalar: Scalar, top: boolean): unknown[] {
  const text = String(scalar.value)
  if (scalar.type !== 'PLAIN') return [text]
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return top ? [null, text, absent] : [null, text]
  if (/^(?:true|True|TRUE)$/.test(text)) return [text, true]
  if (/^(?:false|False|FALSE)$/.test(text)) return [text, false]
  return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? [text, Number(text)] : [text]
}

function tryNext(reading: Reading, path: readonly PropertyKey[]): boolean {
  const guess = reading.guesses.get(pathKey(path))
  const next = guess?.candidates.shift()
  if (guess === undefined || next === undefined) return false
  guess.assign(next)
  if (next === absent) reading.dropped.add(pathKey(path))
  return true
}

function problemOf(block: YamlBlock, reading: Reading, issues: readonly Issue[]): Parsed<never> {
  const issue = deepest(issues[0] ?? { message: 'does not fit', path: [] })
  const offset = offsetFor(reading, issue.path)
  const missing = issue.path.length > 0 && (offset === undefined || reading.dropped.has(pathKey(issue.path)))
  const name = issue.path.map((part) => (typeof part === 'string' ? toSnake(part) : `[${String(part)}]`)).join('.').replaceAll('.[', '[')
  const reason = missing ? `${name} is missing` : `${name === '' ? '' : `${name}: `}${sayIssue(issue)}`
  return problemAt(block.text, block.start + (offset ?? nearestOffset(reading, issue.path)), reason)
}

/** A union says only that nothing fits; what its first member said is what a human can act on. */
function deepest(issue: Issue): Issue {
  const inner = issue.code === 'invalid_key' ? issue.issues?.[0] : issue.errors?.findLast((list) => list.length > 0)?.[0]
  if (inner === undefined) return issue
  return deepest({ ...inner, path: [...issue.path, ...inner.path] })
}

function offsetFor(reading: Reading, path: readonly PropertyKey[]): number | undefined {
  return reading.offsets.get(pathKey(path))
}

function nearestOffset(reading: Reading, path: readonly PropertyKey[]): number {
  for (let length = path.length - 1; length > 0; length -= 1) {
    const offset = offsetFor(reading, path.slice(0, length))
    if (offset !== undefined) return offset
  }
  return 0
}

function pathKey(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String))
}
