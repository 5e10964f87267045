import type { MergeStrategy } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { roundOf, runIdOf } from '../ids.ts'
import { strategyOption } from '../strategy-option.ts'
import { shortId } from '../text-parts.ts'
import { visible } from '../untrusted.ts'

/** Defines `approve RUN`. */
export function define(command: Command): void {
  command
    .description('Approves one exact round: these trees, on these target heads, with these check results. A dirty checkout does not stop an approval, only the merge.')
    .argument('<run>', 'run id, such as R0001')
    .addOption(strategyOption('A yes to keep is one to those very commits and to no other way; squash and merge share theirs, and are meant without it'))
    .option('--snapshot <round>', 'the round you reviewed, such as s2; refused when it is not the latest')
  examples(command, 'signalbox approve R0001 --snapshot s2', 'signalbox approve R0001 --strategy keep')
  command.action(
    act(async (human, id: string, flags: { readonly snapshot?: string; readonly strategy?: MergeStrategy }) => {
      const run = runIdOf(id)
      const value = await human.approve(run, { ...(flags.snapshot === undefined ? {} : { round: roundOf(run, flags.snapshot) }), ...(flags.strategy === undefined ? {} : { strategy: flags.strategy }) })
      const { snapshot, by, digest, commits } = value.approval
      return { value, text: (look) => `${look.ink.green('✓')} ${commits === undefined ? '' : 'the commits of '}${look.ink.bold(snapshot)} approved by ${visible(by)}  ${look.ink.dim(shortId(digest))}`, note: `→ signalbox merge ${run}` }
    }),
  )
}
