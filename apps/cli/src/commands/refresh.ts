import type { RefreshRequest, RunView } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'
import { followStarted } from './run.ts'

/** Defines `refresh RUN`. */
export function define(command: Command): void {
  command
    .description('Computes the latest round on the targets as they are now and saves it as a new round. Checks run again, and it needs its own approval.')
    .argument('<run>', 'run id, such as R0001')
    .argument('[command...]', 'after --: command and arguments, for the agent shell')
    .option('--resolve', 'where it conflicts, make the checkouts of its workspace anew on the targets with the round merged in: settle there what is marked, then seal')
    .option('--agent <agent>', 'with --resolve: let this agent settle it, in a run of its own that begins with what conflicts, and wait for its end')
  examples(command, 'signalbox refresh R0001', 'signalbox refresh R0001 --resolve', "signalbox refresh R0001 --resolve --agent shell -- sh -c 'your-agent'")
  command.action(
    act(async (human, id: string, argv: readonly string[], flags: Pick<RefreshRequest, 'resolve' | 'agent'>, self: Command) => {
      const run = runIdOf(id)
      const value = await withProgress(`refreshing ${run}`, human.refresh(run, { ...flags, argv: [...argv] }))
      if (value.id !== run) return followStarted(human, value, self)
      return { value, text: (look) => runText(value, look), note: nextOf(value) }
    }),
  )
}

function nextOf({ id, resolving, snapshots }: RunView): string {
  if (resolving !== null) return `→ ${resolving.conflicts?.length === 0 ? '' : 'edit what is marked, then '}signalbox seal ${id}`
  const before = snapshots.at(-2)
  return `→ signalbox diff ${id}${before === undefined ? '' : ` --since ${before.id}`}`
}
