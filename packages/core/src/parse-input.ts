import type { z } from 'zod'
import { ControlError } from './errors.ts'

/**
 * Parses what a caller sent; inside, the type is the proof.
 * @throws ControlError `input.invalid` naming every wrong field and what is wrong with it; `data.issues` has them apart
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidInput(result.error)
}

/** Turns a schema's complaint into the error every door answers bad input with. */
export function invalidInput(error: z.ZodError): ControlError {
  const issues = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: sentenceOf(issue) }))
  const sentences = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return new ControlError('input.invalid', sentences.join('; '), { data: { issues }, hint: 'Correct it and try again; nothing was changed' })
}

/** Returns what is wrong in the words of our schemas, where the library would only say "Invalid input" or "Invalid key". */
function sentenceOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${issue.keys.join(', ')}`
    case 'invalid_union':
      return issue.errors.flat()[0]?.message ?? issue.message
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message
    default:
      return issue.message
  }
}
