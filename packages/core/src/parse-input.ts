import type { z } from 'zod'
import { ControlError } from './errors.ts'
import { sayIssue } from './issue-words.ts'

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
  const issues = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: sayIssue(issue) }))
  const sentences = issues.map(({ path, message }) => (path === '' ? `${message.slice(0, 1).toUpperCase()}${message.slice(1)}` : `${path}: ${message}`))
  return new ControlError('input.invalid', sentences.join('; '), { data: { issues }, hint: 'Correct it and try again; nothing was changed' })
}
