import { fileURLToPath } from 'node:url'
import { ControlError, type Agent } from '@signalbox/core'

/** A program of our own that really edits, tests and commits by a script; it needs no model, no account, no network. */
export const demoAgent: Agent = {
  name: 'demo',
  summary: 'a scripted agent that really edits, tests and commits; needs no model',
  validate(argv) {
    if (argv.length > 0) {
      throw new ControlError('input.invalid', `The demo agent takes no arguments; it was given ${JSON.stringify(argv[0])}`, {
        hint: 'Leave them out, or run a command of your own with --agent shell -- COMMAND',
      })
    }
  },
  command: () => ({ argv: [process.execPath, fileURLToPath(new URL('./demo-agent.js', import.meta.url))], env: {}, endsTurn: (line) => /^(committed|left) /.test(line) }),
}
