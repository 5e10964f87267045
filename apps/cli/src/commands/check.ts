import { exit, isGreen } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { receiptsWithOutput, whyUnchecked } from '../text-check.ts'

/** Defines `check RUN`. */
export function define(command: Command): void {
  command.description('Runs the configured checks of every repo on exactly the sealed files. Exits with 4 if one is red.').argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox check R0001')
  command.action(
    act(async (human, id: string) => {
      const run = runIdOf(id)
      const value = await withProgress(`checking ${run}`, human.checkRun(run))
      return {
        value,
        text: (look) => receiptsWithOutput(value.receipts, look),
        note: value.receipts.length === 0 ? whyUnchecked(await human.readRun(run)) : undefined,
        exitCode: value.receipts.every(isGreen) ? exit.ok : exit.refused,
      }
    }),
  )
}
