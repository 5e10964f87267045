import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'

/** Defines `cancel RUN`. */
export function define(command: Command): void {
  command.description('Ends every process of a run, saves what it left, and writes its handoff.').argument('<run>', 'run id, such as R0001').option('--because <text>', 'why, for the record')
  examples(command, "signalbox cancel R0001 --because 'wrong branch'")
  command.action(
    act(async (human, id: string, flags: { readonly because?: string }) => {
      const run = runIdOf(id)
      const value = await withProgress(`ending ${run}`, human.cancelRun(run, flags))
      return { value, text: (look) => runText(value, look) }
    }),
  )
}
