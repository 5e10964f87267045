import { ControlError } from '@signalbox/core'

/** Why a request is turned away before anything acts on it: the status, and an error of ours that names no product. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 417 | 421 | 431 | 500
  readonly error: ControlError
}

/** Returns a refusal of something nobody may do. */
export function denied(status: Refusal['status'], message: string, hint: string): Refusal {
  return { status, error: new ControlError('access.denied', message, { hint }) }
}

/** Returns a refusal of something that cannot be understood or is too much. */
export function invalid(status: Refusal['status'], message: string, hint: string): Refusal {
  return { status, error: new ControlError('input.invalid', message, { hint }) }
}
