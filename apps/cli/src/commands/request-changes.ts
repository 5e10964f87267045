import type { ChangesRequest } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { readTold } from '../follow.ts'
import { splitCommand } from '../flags.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { followStarted } from './run.ts'

/** Defines `request-changes RUN [TEXT]`. */
export function define(command: Command): void {
  command
    .description('Sends all open findings of a run to its agent, in one message, and waits for its end: the run goes on in its workspace, and what it leaves is the next round. The findings stay open until a reviewer settles them.')
    .argument('<run>', 'run id, such as R0001')
    .argument('[text...]', 'one more finding, on the run as a whole; after --: command and arguments, for the agent shell')
    .option('--agent <agent>', 'let this agent do it, in a new run of the task that begins with the latest round and takes the open findings over')
    .option('--detach', 'return as soon as the run has its supervisor')
  examples(command, 'signalbox request-changes R0001', "signalbox request-changes R0001 'Add tests for the empty list'", "signalbox request-changes R0001 --agent shell -- sh -c 'your-agent'")
  command.action(
    act(async (human, id: string, words: readonly string[], flags: Pick<ChangesRequest, 'agent'> & { readonly detach?: true }, self: Command) => {
      const run = runIdOf(id)
      const { before, argv } = splitCommand(self, words)
      const text = before.join(' ')
      const request = { ...(text === '' ? {} : { text }), ...(flags.agent === undefined ? {} : { agent: flags.agent }), ...(argv === undefined ? {} : { argv: [...argv] }) }
      const told = await readTold(human, run)
      const started = await withProgress('starting', human.requestChanges(run, request))
      if (flags.detach === true) return { value: started, text: () => `${started.id} is ${started.state}`, note: `→ signalbox log ${started.id} -f` }
      return followStarted(human, started, self, started.id === run ? told : undefined)
    }),
  )
}
