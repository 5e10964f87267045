/** A value of which only that it is an object is known. */
export type Json = Readonly<Record<string, unknown>>

/** Returns the value as an object; an empty one when it is anything else, so that reading on finds nothing. */
export function asObject(value: unknown): Json {
  return isObject(value) ? value : {}
}

/** Says whether a value is an object, and no list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the objects of a list; none when it is no list. */
export function asObjects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Returns the value when it is text with something in it. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Characters of a name that something is known by. All that were seen have less than a hundred. */
const mostId = 500

/** Returns the value when it is text that can be the id of something. */
export function asId(value: unknown): string | undefined {
  const text = asText(value)
  return text === undefined || text.length > mostId ? undefined : text
}

/** Returns the value when it can be the name of a session that is told to a program: one word, and none that it would take for an option. */
export function asSession(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w[\w.:@/+=-]{0,199}$/.test(value) ? value : undefined
}

/** Returns the value when it is a number that counts something: finite and not below zero. */
export function asAmount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Returns the value when it is a whole number. */
export function asInteger(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined
}

/** Returns a value that is one word or number as text; an empty one when it is more. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** Returns the text of content that is text itself, or blocks that each hold some. */
export function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return asText(content)
  return asText(
    asObjects(content)
      .flatMap((block) => asText(block['text']) ?? [])
      .join('\n'),
  )
}

/** Returns the value one key after another leads to; `undefined` where one leads nowhere. */
export function lookUp(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), value)
}
