import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { roundOf, runIdOf } from '../ids.ts'
import { shortId } from '../text-parts.ts'
import { visible } from '../untrusted.ts'

/** Defines `approve RUN`. */
export function define(command: Command): void {
  command
    .description('Approves one exact round: these trees, on these target heads, with these check results. A dirty checkout does not stop an approval, only the merge.')
    .argument('<run>', 'run id, such as R0001')
    .option('--snapshot <round>', 'the round you reviewed, such as s2; refused when it is not the latest')
  examples(command, 'signalbox approve R0001 --snapshot s2')
  command.action(
    act(async (human, id: string, flags: { readonly snapshot?: string }) => {
      const run = runIdOf(id)
      const value = await human.approve(run, flags.snapshot === undefined ? {} : { round: roundOf(run, flags.snapshot) })
      const { snapshot, by, digest } = value.approval
      return { value, text: (look) => `${look.ink.green('✓')} ${look.ink.bold(snapshot)} approved by ${visible(by)}  ${look.ink.dim(shortId(digest))}`, note: `→ signalbox merge ${run}` }
    }),
  )
}
