import type { z } from 'zod'
import { ControlError } from './errors.ts'

/**
 * Parses what a caller sent; inside, the type is the proof.
 * @throws ControlError `input.invalid` naming the first wrong field and what is wrong with it; `data.issues` has all
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidInput(result.error)
}

/** Turns a schema's complaint into the error every door answers bad input with. */
export function invalidInput(error: z.ZodError): ControlError {
  const issues = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }))
  const [first] = issues
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return new ControlError('input.invalid', `${where}${first?.message ?? 'the input has the wrong shape'}${more}`, { data: { issues }, hint: 'Correct it and try again; nothing was changed' })
}
