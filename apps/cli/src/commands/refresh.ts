import type { RefreshRequest, RunView } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'

/** Defines `refresh RUN`. */
export function define(command: Command): void {
  command
    .description('Computes the latest round on the targets as they are now and saves it as a new round. Checks run again, and it needs its own approval.')
    .argument('<run>', 'run id, such as R0001')
    .option('--resolve', 'where it conflicts, make the checkouts of its workspace anew on the targets with the round merged in: settle there what is marked, then seal')
  examples(command, 'signalbox refresh R0001', 'signalbox refresh R0001 --resolve')
  command.action(
    act(async (human, id: string, flags: RefreshRequest) => {
      const run = runIdOf(id)
      const value = await withProgress(`refreshing ${run}`, human.refresh(run, flags))
      return { value, text: (look) => runText(value, look), note: nextOf(value) }
    }),
  )
}

function nextOf({ id, resolving, snapshots }: RunView): string {
  if (resolving !== null) return `→ edit what is marked, then signalbox seal ${id}`
  const before = snapshots.at(-2)
  return `→ signalbox diff ${id}${before === undefined ? '' : ` --since ${before.id}`}`
}
