import { ControlError, type Agent } from '@signalbox/core'

/** Runs any program: the arguments are the command line, started as they are, with no shell in between. */
export const shellAgent: Agent = {
  name: 'shell',
  summary: 'runs the command given after --',
  validate: (argv) => void commandOf(argv),
  command: (argv) => ({ argv: commandOf(argv), env: {} }),
}

function commandOf([program, ...rest]: readonly string[]): [string, ...string[]] {
  if (program === undefined || program.trim() === '') {
    throw new ControlError('input.invalid', 'The shell agent needs a command to run', {
      hint: 'Give it after two dashes, such as: signalbox run T0001 --agent shell -- npm run fix',
    })
  }
  return [program, ...rest]
}
