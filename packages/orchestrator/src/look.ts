import { hasCode, messageOf, type Known } from '@signalbox/core'

/** A failed look becomes an unknown, with its reason; it never looks like "nothing there". */
export async function look<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await read() }
  } catch (error) {
    return { known: false, because: becauseOf(error) }
  }
}

/** Says why a look failed. Of a filter program that may not run, only the hint says what it is and how to allow it. */
export function becauseOf(error: unknown): string {
  const hint = hasCode(error, 'repo.filter_not_allowed') && error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? `. ${error.hint}` : ''
  return `${messageOf(error)}${hint}`
}
