import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'

/** Why a text cannot be used: 1-based line (null for the whole file) and a sentence for the human who repairs it. */
export interface Problem {
  readonly line: number | null
  readonly reason: string
}

/** The outcome of parsing: the value, or the first thing to repair. */
export type Parsed<T> = { readonly kind: 'parsed'; readonly value: T } | { readonly kind: 'problem'; readonly problem: Problem }

/** One YAML map inside a file: offsets of every node are relative to `start`. */
export interface YamlBlock {
  /** The whole file. */
  readonly text: string
  /** Where the YAML begins and ends in `text`; in front matter `end` is the offset of the closing fence. */
  readonly start: number
  readonly end: number
  readonly newline: '\n' | '\r\n'
  /** Undefined when there is nothing but comments and blank lines. */
  readonly map: YAMLMap | undefined
}

/** Characters of YAML that are parsed. The largest records list thousands of changed files in it; a hostile megabyte would hold the parser for seconds. */
const MAX_YAML_LENGTH = 256 * 1024

/** Characters of a parser's message that are kept; some quote what they stumbled on. */
const MAX_REASON_LENGTH = 200

/** Deeper than any record; shallow enough that no recursion of ours or of the parser runs out of stack. */
const MAX_DEPTH = 24

/** Parses `text` from `start` to `end` as one YAML map in block style; nothing in it is typed, run or expanded. */
export function parseYamlBlock(text: string, start: number, end: number): Parsed<YamlBlock> {
  const source = text.slice(start, end)
  if (source.length > MAX_YAML_LENGTH) return problemAt(text, start, `more than ${MAX_YAML_LENGTH / 1024} KiB of keys and values; long text belongs below the closing ---`)
  const found = findTextProblem(source)
  if (found !== undefined) return problemAt(text, start + found.offset, found.reason)
  const document = parseDocument(source, { schema: 'failsafe', keepSourceTokens: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const error = document.errors[0]
  if (error !== undefined) return problemAt(text, start + error.pos[0], `bad YAML: ${error.message}`)
  const newline = source.includes('\r\n') ? '\r\n' : '\n'
  const root = document.contents
  if (root === null || (isScalar(root) && root.source === '' && root.type === 'PLAIN')) {
    return { kind: 'parsed', value: { text, start, end, newline, map: undefined } }
  }
  if (!isMap(root)) return problemAt(text, start + offsetOf(root), 'expected a map of keys and values')
  if (root.flow === true) return problemAt(text, start + offsetOf(root), 'write one key per line instead of {…} around all of them')
  const bad = findNodeProblem(root, 0)
  if (bad !== undefined) return problemAt(text, start + bad.offset, bad.reason)
  return { kind: 'parsed', value: { text, start, end, newline, map: root } }
}

/** Returns a problem at the line of `offset`. */
export function problemAt(text: string, offset: number, reason: string): { readonly kind: 'problem'; readonly problem: Problem } {
  return { kind: 'problem', problem: { line: lineAt(text, offset), reason: reason.length > MAX_REASON_LENGTH ? `${reason.slice(0, MAX_REASON_LENGTH)}…` : reason } }
}

/** Returns the 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** Returns where a node begins, relative to its block. */
export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0
}

/** Returns the pairs of a map with their keys as text. */
export function entriesOf(map: YAMLMap): readonly (readonly [key: string, pair: Pair<Scalar, Node | null>])[] {
  return map.items.flatMap((pair) => (isTextPair(pair) ? [[String(pair.key.value), pair] as const] : []))
}

function isTextPair(pair: Pair): pair is Pair<Scalar, Node | null> {
  return isScalar(pair.key)
}

interface Trouble {
  readonly offset: number
  readonly reason: string
}

/** What YAML itself would accept or misread: each would move lines or cut the document short under an edit. */
function findTextProblem(source: string): Trouble | undefined {
  const bareReturn = source.search(/\r(?!\n)/)
  if (bareReturn !== -1) return { offset: bareReturn, reason: 'a carriage return without a line feed ends a line' }
  const marker = source.search(/(?<![^\n])(?:---|\.\.\.)(?=\s|$)/)
  if (marker !== -1) return { offset: marker, reason: 'a second YAML document begins or ends here' }
  const depth = depthOf(source)
  return depth > MAX_DEPTH * 4 ? { offset: 0, reason: 'brackets are nested too deeply' } : undefined
}

/** An upper bound of the nesting: opening brackets and compact list marks, before the recursive parser sees them. */
function depthOf(source: string): number {
  let depth = 0
  let deepest = 0
  for (const char of source) {
    if (char === '[' || char === '{') deepest = Math.max(deepest, (depth += 1))
    else if ((char === ']' || char === '}') && depth > 0) depth -= 1
  }
  const compact = source.match(/^[ \t]*(?:[-?:][ \t]+){9,}/gm) ?? []
  return Math.max(deepest, ...compact.slice(0, 100).map((line) => line.replaceAll(/\s/g, '').length))
}

function findNodeProblem(node: unknown, depth: number): Trouble | undefined {
  if (isAlias(node)) return { offset: offsetOf(node), reason: `the alias *${node.source} is not supported; repeat the value instead` }
  if (!isMap(node) && !isSeq(node)) return undefined
  if (depth > MAX_DEPTH) return { offset: offsetOf(node), reason: 'nested too deeply' }
  const seen = new Set<string>()
  for (const item of node.items) {
    const bad = isPair(item) ? (findKeyProblem(item, seen, offsetOf(node)) ?? findNodeProblem(item.value, depth + 1)) : findNodeProblem(item, depth + 1)
    if (bad !== undefined) return bad
  }
  return undefined
}

function findKeyProblem(pair: Pair, seen: Set<string>, mapOffset: number): Trouble | undefined {
  if (!isScalar(pair.key)) return { offset: mapOffset, reason: 'a key is not plain text' }
  const key = String(pair.key.value)
  if (seen.has(key)) return { offset: offsetOf(pair.key), reason: `the key ${key} is there twice` }
  seen.add(key)
  return undefined
}
