import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { readTold } from '../follow.ts'
import { numberOf } from '../flags.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { followStarted } from './run.ts'

/** Defines `resume RUN [TEXT]`. */
export function define(command: Command): void {
  command
    .description('Lets the agent of an ended run go on in its workspace, and waits for its end: in its own session where it can, else anew from its packet and handoff. What it leaves is the next round.')
    .argument('<run>', 'run id, such as R0001')
    .argument('[text]', 'what you say to it; to go on with the task when left out')
    .option('--detach', 'return as soon as the run has its supervisor')
    .option('--minutes <n>', 'end the run in order after so many minutes')
  examples(command, 'signalbox resume R0001', "signalbox resume R0001 'The tests of web are red; mend them'", 'signalbox resume R0001 --detach')
  command.action(
    act(async (human, id: string, text: string | undefined, flags: { readonly detach?: true; readonly minutes?: string }, self: Command) => {
      const request = { ...(text === undefined ? {} : { text }), ...(flags.minutes === undefined ? {} : { minutes: numberOf('--minutes', flags.minutes) }) }
      const run = runIdOf(id)
      const told = await readTold(human, run)
      const resumed = await withProgress('starting', human.resumeRun(run, request))
      if (flags.detach === true) return { value: resumed, text: () => `${resumed.id} is ${resumed.state}`, note: `→ signalbox log ${resumed.id} -f` }
      return followStarted(human, resumed, self, told)
    }),
  )
}
