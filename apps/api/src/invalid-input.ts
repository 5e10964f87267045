import { ControlError } from '@signalbox/core'
import type { z } from 'zod'

/** Returns the `input.invalid` error for input that a schema refused: one sentence that names every field. */
export function invalidInput(error: z.ZodError): ControlError {
  const issues = error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: sentenceOf(issue) }))
  const sentence = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  return new ControlError('input.invalid', sentence, { hint: 'Correct it and try again', data: { issues } })
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${issue.keys.join(', ')}`
  if (issue.code === 'invalid_union') return issue.errors.flat()[0]?.message ?? issue.message
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  return issue.message
}
