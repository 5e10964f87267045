import { ControlError } from '@signalbox/core'
import type { CommanderError } from 'commander'

/** Returns commander's complaint as the `input.invalid` everything else uses. */
export function usageErrorOf(error: CommanderError): ControlError {
  if (error.code === 'commander.help') return new ControlError('input.invalid', 'A subcommand is missing', { hint: 'Add --help to see which there are' })
  const [sentence = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const near = /\(Did you mean (.*)\?\)/.exec(suggestion ?? '')?.[1]
  return new ControlError('input.invalid', `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`, { hint: near === undefined ? 'Add --help to the command to see its forms' : `Did you mean ${near}?` })
}
