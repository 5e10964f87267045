import { ControlError } from '@signalbox/core'
import type { Agent } from './agent.ts'

/** Runs any program: the arguments are the command line, started as they are, with no shell in between. */
export const shellAgent: Agent = {
  name: 'shell',
  summary: 'runs the command given after --',
  command(argv) {
    const [program, ...rest] = argv
    if (program === undefined || program.trim() === '') {
      throw new ControlError('input.invalid', 'The shell agent needs a command to run', {
        hint: 'Give it after two dashes, such as: signalbox run T0001 --agent shell -- npm run fix',
      })
    }
    return { argv: [program, ...rest], env: {} }
  },
}
