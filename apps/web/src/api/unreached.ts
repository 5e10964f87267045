import { codeOf } from '@signalbox/api/client'

/** An act that got no answer: it may have been done, or never have come to the server. */
export class Unanswered extends Error {}

/** Tells whether a failure is only that the server did not answer: the whole page says so, once. */
export function isUnreached(error: unknown): boolean {
  return error instanceof TypeError && codeOf(error) === undefined
}
