import { stripVTControlCharacters } from 'node:util'
import { toolTokenShape } from './tool-token.ts'

/** Values shorter than this are not secrets worth hiding, and hiding them would garble ordinary text. */
const shortestSecret = 8

const secretName = /(TOKEN|SECRET|PASSW(OR)?D|API_?KEY|PRIVATE_?KEY|CREDENTIAL|_KEY)/i

/** Well-known credential shapes: GitHub, GitLab, OpenAI/Anthropic style, AWS, Slack, Google; and the tokens of our own tool server. */
const knownShapes = [
  toolTokenShape,
  /\bgh[pousr]_[A-Za-z0-9]{20,}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}\b/g,
  /\bglpat-[A-Za-z0-9_-]{16,}\b/g,
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[0-9A-Za-z_-]{35}/g,
]

/** Says at once of almost every text that it holds none of them. */
const anyShape = new RegExp(knownShapes.map(({ source }) => source).join('|'))

/** Returns a function that hides secret environment values and well-known credentials in one line of text. */
export function createRedactor(env: Readonly<Record<string, string | undefined>>): (line: string) => string {
  const forms = Object.entries(env).flatMap(([name, value]) => (secretName.test(name) && value !== undefined ? formsOf(value) : []))
  const values = [...new Set(forms)].filter((form) => form.length >= shortestSecret).toSorted((a, b) => b.length - a.length)
  return (line) => {
    const hidden = values.reduce((text, value) => text.replaceAll(value, '[redacted]'), line)
    return anyShape.test(hidden) ? knownShapes.reduce((text, shape) => text.replace(shape, '[redacted]'), hidden) : hidden
  }
}

/** A secret of several lines is met line by line, too, and one that is part of a message as JSON writes it. */
function formsOf(value: string): readonly string[] {
  return [value, ...value.split(/\r?\n/).map((line) => line.trim())].flatMap((form) => [form, JSON.stringify(form).slice(1, -1)])
}

/** Characters of a few words of an agent that are kept in a record. */
const wordsLimit = 1_000

/** Returns a function that makes a few words of an agent fit for the record, which is published: without secrets, control bytes and great length. */
export function createRecordWords(env: Readonly<Record<string, string | undefined>>): (words: string) => string {
  const redact = createRedactor(env)
  return (words) => toVisibleText(redact(words)).slice(0, wordsLimit)
}

// oxlint-disable-next-line no-control-regex -- control bytes are what must not reach a terminal
const controlBytes = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Makes one line of agent output safe to show: escape sequences dropped, other control bytes made visible. */
export function toVisible(line: string): string {
  return stripVTControlCharacters(line).replace(controlBytes, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** Makes text of several lines safe to show. */
export function toVisibleText(text: string): string {
  // Escape sequences begin with such a byte, too: most texts are as they should be.
  return text.search(controlBytes) === -1 ? text : text.split('\n').map(toVisible).join('\n')
}

/** Returns the same value with every text in it put through `change`. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item as unknown, change)])) as T
}
