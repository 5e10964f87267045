import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'

/** Defines `refresh RUN`. */
export function define(command: Command): void {
  command.description('Computes the latest round on the targets as they are now and saves it as a new round. Checks run again, and it needs its own approval.').argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox refresh R0001')
  command.action(
    act(async (human, id: string) => {
      const run = runIdOf(id)
      const value = await withProgress(`refreshing ${run}`, human.refresh(run))
      const before = value.snapshots.at(-2)
      return { value, text: (look) => runText(value, look), note: `→ signalbox diff ${run}${before === undefined ? '' : ` --since ${before.id}`}` }
    }),
  )
}
