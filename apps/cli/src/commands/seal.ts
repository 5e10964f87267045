import type { SealRequest } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'

/** Defines `seal RUN`. */
export function define(command: Command): void {
  command
    .argument('<run>', 'run id, such as R0001')
    .option('--take-escaped', 'then copy the files that changed in your checkouts during the run into its workspace and seal those too; your checkouts are only read')
    .option('--mine <why>', 'say that what changed in your repositories during the run was you; nothing is sealed')
  examples(command, 'signalbox seal R0001', 'signalbox seal R0001 --take-escaped', "signalbox seal R0001 --mine 'I committed on main meanwhile'")
  command.action(
    act(async (human, id: string, flags: SealRequest) => {
      const run = runIdOf(id)
      const value = await withProgress(`sealing ${run}`, human.sealRun(run, flags))
      return { value, text: (look) => runText(value, look), note: `→ signalbox gate ${run}` }
    }),
  )
}
