import { ControlError, fieldsSchemas, recordLayout, sayIssue, type RecordKind, type RecordOf, type SchemaIssue } from '@signalbox/core'
import type { MarkdownFile } from './front-matter.ts'
import type { Changes } from './memory.ts'
import { toSnake, toSnakeValue } from './record-fields.ts'
import { parseRecord } from './record-file.ts'
import { slugOf } from './slug.ts'
import { spliceKeys } from './splice.ts'
import type { Parsed } from './yaml-block.ts'
import { equals } from './yaml-plain.ts'
import { printEntry, type YamlValue } from './yaml-print.ts'

/** Returns the id of a number: `T0147`, `E012`, `T10000`. */
export function idOf(kind: RecordKind, number: number): string {
  return `${recordLayout[kind].letter}${String(number).padStart(recordLayout[kind].digits, '0')}`
}

/** Returns the path of a new record: its id and what it is called, in ASCII. */
export function pathOf(kind: RecordKind, id: string, fields: object): string {
  const name = 'task' in fields && kind === 'handoff' ? textOf(fields.task) : 'title' in fields ? slugOf(textOf(fields.title)) : ''
  return `${recordLayout[kind].folder}/${id}${name === '' ? '' : `-${name}`}.md`
}

/** Checks the fields of a new record before an id is spent on it. @throws ControlError `input.invalid` */
export function assertFields<K extends RecordKind>(kind: K, fields: Changes<K>): void {
  const result = fieldsSchemas[kind].safeParse({ ...withoutUndefined(fields), id: idOf(kind, 0) })
  if (!result.success) throw invalidInput(kind, result.error.issues[0])
}

/** Prints a new record the way a human would write it. @throws ControlError `input.invalid` when it could not be read back */
export function printRecord<K extends RecordKind>(kind: K, path: string, record: Changes<K> & { readonly id: string }, body: string): string {
  const keys = Object.keys(fieldsSchemas[kind].shape)
  const given: Record<string, unknown> = { ...record }
  const lines = keys.flatMap((key) => (isWorthWriting(given[key]) ? [printEntry(toSnake(key), yamlOf(given[key]), '')] : []))
  const ended = body === '' || body.endsWith('\n') ? body : `${body}\n`
  const text = `---\n${lines.join('\n')}\n---\n${ended}`
  const reread = parseRecord(kind, path, Buffer.from(text))
  const wanted = fieldsSchemas[kind].safeParse(withoutUndefined(record))
  if (reread.kind === 'parsed' && reread.value.body === ended && sameValue(fieldsOf(reread.value), wanted.data)) return text
  throw unreadable(kind, reread.kind === 'problem' ? reread.problem.reason : 'it holds characters that no file can')
}

/**
 * Returns the file's text with what differs spliced in; the same text when nothing does.
 * @throws ControlError `input.invalid` when the new values do not fit, or the body could not be read back
 */
export function editRecord<K extends RecordKind>(kind: K, record: RecordOf[K], file: MarkdownFile, changes: Changes<K>, body: string | undefined): Parsed<string> {
  const before: Record<string, unknown> = { ...record }
  const changed = Object.entries(changes).filter(([key, value]) => !sameValue(before[key], value))
  const wanted = fieldsSchemas[kind].safeParse(withoutUndefined({ ...before, ...Object.fromEntries(changed) }))
  if (!wanted.success) throw invalidInput(kind, wanted.error.issues[0])
  const spliced = changed.length === 0 ? { text: file.block.text, end: file.block.end } : spliceFields(file, changed)
  if ('kind' in spliced) return spliced
  const bodyStart = file.bodyStart + spliced.text.length - file.block.text.length
  const text = body === undefined || body === record.body ? spliced.text : joinBody(spliced.text.slice(0, bodyStart), body, file.block.newline)
  const reread = parseRecord(kind, record.path, Buffer.from(text))
  if (reread.kind === 'problem') throw unreadable(kind, reread.problem.reason)
  if (reread.value.body !== (body ?? record.body)) throw unreadable(kind, 'it holds characters that no file can')
  if (sameValue(fieldsOf(reread.value), wanted.data)) return { kind: 'parsed', value: text }
  return { kind: 'problem', problem: { line: null, reason: `cannot be edited safely (${changed.map(([key]) => toSnake(key)).join(', ')}); edit it by hand` } }
}

function spliceFields(file: MarkdownFile, changed: readonly (readonly [string, unknown])[]): { readonly text: string; readonly end: number } | Parsed<never> {
  const spliced = spliceKeys(file.block, new Map(changed.map(([key, value]) => [toSnake(key), value === undefined ? undefined : yamlOf(value)])))
  return spliced.kind === 'parsed' ? spliced.value : spliced
}

function joinBody(head: string, body: string, newline: string): string {
  return head.endsWith('\n') ? head + body : head + newline + body
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isWorthWriting(value: unknown): boolean {
  return value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}

/** Values that came through core's schemas are text, numbers, lists and maps. */
function yamlOf(value: unknown): YamlValue {
  return toSnakeValue(value) as YamlValue
}

function withoutUndefined(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function sameValue(a: unknown, b: unknown): boolean {
  return equals(jsonOf(a), jsonOf(b))
}

/** Drops keys that are undefined, which no file can tell from missing ones. */
function jsonOf(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function fieldsOf(record: RecordOf[RecordKind]): unknown {
  const { path: _path, hash: _hash, body: _body, ...fields } = record
  return fields
}

function unreadable(kind: RecordKind, reason: string): ControlError {
  return new ControlError('input.invalid', `This ${kind} could not be read back: ${reason}`, { hint: 'Change the text and try again; nothing was written' })
}

function invalidInput(kind: RecordKind, issue: (SchemaIssue & { readonly path: readonly PropertyKey[] }) | undefined): ControlError {
  const name = (issue?.path ?? []).map(String).join('.')
  return new ControlError('input.invalid', `This ${kind} is not valid: ${name === '' ? '' : `${name}: `}${issue === undefined ? 'does not fit' : sayIssue(issue)}`, { hint: 'Correct the value and try again; nothing was written', data: { field: name } })
}
