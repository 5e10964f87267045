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
