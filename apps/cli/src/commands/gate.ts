import { exit, type GateReport, type MergeStrategy } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { strategyOption } from '../strategy-option.ts'
import { gateText } from '../text-gate.ts'

/** Defines `gate RUN`. */
export function define(command: Command): void {
  command
    .description('Looks at everything afresh and says whether the run may be merged, with every reason why not. Exits with 4 unless it may.')
    .argument('<run>', 'run id, such as R0001')
    .addOption(strategyOption('Of keep each of those commits is judged as well. Without it as it was approved'))
  examples(command, 'signalbox gate R0001', "signalbox gate R0001 --json | jq -r '.blockers[].code'")
  command.action(
    act(async (human, id: string, { strategy }: { readonly strategy?: MergeStrategy }) => {
      const run = runIdOf(id)
      const value = await withProgress(`looking at ${run}`, human.gate(run, { strategy }))
      return { value, text: (look) => gateText(value, look), note: value.verdict === 'mergeable' ? `→ signalbox merge ${run}` : undefined, exitCode: exitCodeOf(value) }
    }),
  )
}

function exitCodeOf({ verdict }: GateReport): number {
  return verdict === 'mergeable' ? exit.ok : exit.refused
}
