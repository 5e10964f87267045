export type Json = Readonly<Record<string, unknown>>

/** Returns the value as an object; an empty one when it is something else. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

/** Returns the value as a list of objects: what is no list is one of itself, and nothing is none. */
export function asList(value: unknown): readonly Json[] {
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map(asObject)
}

/** Returns the value when it is text, else an empty one. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Returns the text in a message's content, whichever way the format nests it. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return asList(content)
    .map((part) => asText(part['text']) || textOf(part['content'] ?? ''))
    .filter(Boolean)
    .join('\n')
}
