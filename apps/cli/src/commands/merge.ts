import type { MergeStrategy } from '@signalbox/core'
import { Option, type Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { strategyOption } from '../strategy-option.ts'
import { mergedText } from '../text-run.ts'

interface Flags {
  readonly approve?: true
  readonly refresh?: true
  readonly strategy?: MergeStrategy
}

/** Defines `merge RUN`. */
export function define(command: Command): void {
  command
    .description('Lands the approved round in all its repos, or in none. What lands is byte for byte what was reviewed and checked.')
    .argument('<run>', 'run id, such as R0001')
    .addOption(new Option('--approve', 'approve the latest round first').conflicts('refresh'))
    .option('--refresh', 'where targets moved since the approval: refresh and check first, and land it with that approval if the change is the same and nothing else blocks')
    .addOption(strategyOption('Without it as it was approved, which is squash unless you approved keep'))
  examples(command, 'signalbox merge R0001', 'signalbox merge R0001 --approve --strategy merge', 'signalbox merge R0001 --refresh', 'signalbox merge R0001 --approve --strategy keep')
  command.action(
    act(async (human, id: string, flags: Flags) => {
      const run = runIdOf(id)
      const value = await withProgress(`${flags.refresh === true ? 'refreshing and ' : ''}merging ${run}`, human.merge(run, { approve: flags.approve === true, refresh: flags.refresh === true, ...(flags.strategy === undefined ? {} : { strategy: flags.strategy }) }))
      return { value, text: (look) => mergedText(run, value, look), note: `→ signalbox show ${run}` }
    }),
  )
}
