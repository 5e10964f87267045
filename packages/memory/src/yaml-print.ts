import { parseDocument } from 'yaml'

/** What can be written into front matter. Keys are written as they are given. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue }

/** Columns up to which a list or map is written on one line. Shorter makes tall files, longer ones that a human has to scroll. */
const LINE_WIDTH = 100

/** Prints `key: value` without a line end; nested lines begin with `indent` and are separated by line feeds. */
export function printEntry(key: string, value: YamlValue, indent: string): string {
  const head = `${indent}${printText(key, true)}:`
  const inline = `${head} ${printInline(value)}`
  if (typeof value === 'string') return isBlockText(value) ? `${head} ${printBlockText(value, `${indent}  `)}` : inline
  if (typeof value !== 'object' || value === null || (isShallow(value) && inline.length <= LINE_WIDTH)) return inline
  if (isList(value)) return [head, ...value.map((item) => printItem(item, `${indent}  `))].join('\n')
  return [head, ...Object.entries(value).map(([name, item]) => printEntry(name, item, `${indent}  `))].join('\n')
}

/** Prints one item of a block list, `- value`, without a line end. */
export function printItem(value: YamlValue, indent: string): string {
  if (typeof value !== 'object' || value === null || isList(value) || Object.keys(value).length === 0) return `${indent}- ${printInline(value)}`
  const lines = Object.entries(value).map(([name, item]) => printEntry(name, item, `${indent}  `))
  return `${indent}- ${lines.join('\n').slice(indent.length + 2)}`
}

/** Prints a value on one line; inside brackets more characters need quotes. */
export function printInline(value: YamlValue, inBrackets = false): string {
  if (typeof value === 'string') return printText(value, inBrackets)
  if (typeof value !== 'object' || value === null) return String(value)
  if (isList(value)) return `[${value.map((item) => printInline(item, true)).join(', ')}]`
  const entries = Object.entries(value).map(([key, item]) => `${printText(key, true)}: ${printInline(item, true)}`)
  return `{${entries.join(', ')}}`
}

/** Prints text in double quotes. JSON is the part of YAML's double quotes that both its versions read alike. */
export function printQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escapeUnit)
}

/** Says whether a value is a list, as a type. */
export function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value)
}

function printText(text: string, inBrackets: boolean): string {
  return isPlain(text, inBrackets) ? text : printQuoted(text)
}

/** Letters, digits and signs of one line that no version of YAML gives a meaning at that place; the parsers then have the last word. */
const plainInLine = /^[\p{L}\p{N}_./(](?:[\p{L}\p{M}\p{N}\p{S}\p{P} ]*[\p{L}\p{M}\p{N}\p{S}\p{P}])?$/u
const meansSomethingInBrackets = /[,[\]{}:?"'#&*!|>%@`]/

/** The one library we asked takes E012 for a number in version 1.1; the specification wants a point in every float. */
const idLike = /^[A-Z]\d{3,}$/

function isPlain(text: string, inBrackets: boolean): boolean {
  if (idLike.test(text)) return true
  if (!plainInLine.test(text) || (inBrackets && meansSomethingInBrackets.test(text))) return false
  return readsBack(text, '1.1') && readsBack(text, '1.2')
}

/** Words that one YAML library or another takes for a boolean, null or merge key, whatever the version says. */
const typedWord = /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$/i
/** Digits first, then only what numbers, dates and times are made of: left to no parser. */
const numberLike = /^[\d.][\d_.,:eE+\-xobXOBa-fA-FTtZz /]*$/

function readsBack(text: string, version: '1.1' | '1.2'): boolean {
  if (typedWord.test(text) || numberLike.test(text)) return false
  const document = parseDocument(`key: ${text}\n`, { version, prettyErrors: false, logLevel: 'silent' })
  return document.errors.length === 0 && document.warnings.length === 0 && document.get('key') === text && document.comment === null && !/ #/.test(text)
}

/** Several lines that a literal block shows as they are. */
function isBlockText(text: string): boolean {
  return /^[^\s\p{C}]/u.test(text) && text.includes('\n') && !text.endsWith('\n\n') && !/[^\P{C}\n]|[\u2028\u2029]|\n[ \t]|[ \t]\n|[ \t]$/u.test(text)
}

function printBlockText(text: string, indent: string): string {
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text
  return `${text.endsWith('\n') ? '|' : '|-'}\n${lines.split('\n').map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`
}

/** A list or map of plain values, or a map of such lists. */
function isShallow(value: readonly YamlValue[] | { readonly [key: string]: YamlValue }): boolean {
  if (isList(value)) return value.every(isScalarValue)
  return Object.values(value).every((item) => isScalarValue(item) || (isList(item) && item.every(isScalarValue)))
}

function isScalarValue(value: YamlValue): boolean {
  return typeof value !== 'object' || value === null
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
