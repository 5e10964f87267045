import { randomUUID } from 'node:crypto'
import type { ModelUsage, Pause } from './scenario.ts'
import type { Part } from './tools.ts'

/** One answer of the model, before it is written in a wire format. */
export interface Answer {
  readonly parts: readonly Part[]
  readonly model: string
  readonly usage: ModelUsage
  readonly finish: 'length' | undefined
}

/** One event of a stream as text, or a pause that stands between two. */
export type Written = string | Pause

/** Returns the text in pieces, at least one. */
export function chunks(text: string, size = 24): readonly string[] {
  const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size))
  return pieces.length > 0 ? pieces : ['']
}

/** Returns one server-sent event. */
export function sse(data: unknown, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

/** Returns an id unlike any other, in the look of a provider's. */
export function newId(prefix: string): string {
  return prefix + randomUUID().replaceAll('-', '').slice(0, 24)
}
