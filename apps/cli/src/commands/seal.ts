import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'

/** Defines `seal RUN`. */
export function define(command: Command): void {
  command.argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox seal R0001')
  command.action(
    act(async (human, id: string) => {
      const run = runIdOf(id)
      const value = await withProgress(`sealing ${run}`, human.sealRun(run))
      return { value, text: (look) => runText(value, look), note: `→ signalbox gate ${run}` }
    }),
  )
}
