import type { PermissionAnswer } from '@signalbox/core'
import { asObjects, asText } from '../output/json.ts'

/** What the protocol takes as the outcome of a question. */
export type Outcome = { readonly outcome: 'selected'; readonly optionId: string } | { readonly outcome: 'cancelled' }

/** An outcome, and what it comes to: an answer for which no option is offered cannot be given. */
export interface Chosen {
  readonly outcome: Outcome
  readonly state: 'allowed' | 'refused' | 'cancelled'
  /** Set where it is not what was answered, with why. */
  readonly instead: string | undefined
}

const cancelled: Outcome = { outcome: 'cancelled' }

/**
 * Maps an answer to the options offered. An allowance is never made to last longer than it was said to: without an option for this once the call is
 * refused. One that may last is given for this once where the agent cannot be trusted to keep it. A refusal may last where nothing else is offered.
 */
export function chooseOption(options: unknown, answer: PermissionAnswer, lastingAllow: boolean): Chosen {
  const offered = asObjects(options)
  const find = (...kinds: readonly string[]): Outcome | undefined => {
    const id = kinds.map((kind) => asText(offered.find((option) => option['kind'] === kind)?.['optionId'])).find((found) => found !== undefined)
    return id === undefined ? undefined : { outcome: 'selected', optionId: id }
  }
  const refusal = find('reject_once', 'reject_always')
  switch (answer.kind) {
    case 'cancelled':
      return { outcome: cancelled, state: 'cancelled', instead: undefined }
    case 'refuse':
      return { outcome: refusal ?? cancelled, state: 'refused', instead: undefined }
    case 'allow': {
      const allowance = answer.lasting === 'always' && lastingAllow ? find('allow_always', 'allow_once') : find('allow_once')
      if (allowance !== undefined) return { outcome: allowance, state: 'allowed', instead: undefined }
      return { outcome: refusal ?? cancelled, state: 'refused', instead: 'It offers no way to allow this just once' }
    }
    default:
      return answer satisfies never
  }
}
