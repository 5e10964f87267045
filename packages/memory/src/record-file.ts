import { createHash } from 'node:crypto'
import { fieldsSchemas, type RecordKind, type RecordOf } from '@signalbox/core'
import { parseMarkdownFile, type MarkdownFile } from './front-matter.ts'
import { readFields, toSnake } from './record-fields.ts'
import { entriesOf, offsetOf, problemAt, type Parsed, type YamlBlock } from './yaml-block.ts'

/** Parses the bytes of one record file; `path` is inside the memory repo, with forward slashes. */
export function parseRecord<K extends RecordKind>(kind: K, path: string, bytes: Uint8Array): Parsed<RecordOf[K]> {
  const file = parseMarkdownFile(bytes)
  return file.kind === 'problem' ? file : recordOf(kind, path, bytes, file.value)
}

/** Returns the sha256 of a file's bytes, hex: the condition of the next write. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function recordOf<K extends RecordKind>(kind: K, path: string, bytes: Uint8Array, { block, bodyStart }: MarkdownFile): Parsed<RecordOf[K]> {
  const misspelt = findCamelKey(kind, block)
  if (misspelt !== undefined) return misspelt
  const fields = readFields<{ readonly id: string }>(block, fieldsSchemas[kind])
  if (fields.kind === 'problem') return fields
  // The schema was chosen by `kind`, which the compiler cannot follow through the table.
  return { kind: 'parsed', value: { ...fields.value, path, hash: hashOf(bytes), body: block.text.slice(bodyStart) } as unknown as RecordOf[K] }
}

/** `baseBranch:` would be an unknown key and the branch silently another one, so it is named instead. */
function findCamelKey(kind: RecordKind, block: YamlBlock): Parsed<never> | undefined {
  const known = fieldsSchemas[kind].shape
  for (const [key, pair] of block.map === undefined ? [] : entriesOf(block.map)) {
    if (/[A-Z]/.test(key) && key in known) return problemAt(block.text, block.start + offsetOf(pair.key), `${key} is written ${toSnake(key)}`)
  }
  return undefined
}
