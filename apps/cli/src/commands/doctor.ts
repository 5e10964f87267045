import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { withProgress } from '../progress.ts'
import { doctorText } from '../text-doctor.ts'

/** Defines `doctor`. */
export function define(command: Command): void {
  command.description('Looks at git, the memory repo, the index, every registered repo and every unsettled run, and says what needs repair.').option('--fix', 'repair what is safe to repair')
  examples(command, 'signalbox doctor', 'signalbox doctor --fix')
  command.action(
    act(async (human, flags: { readonly fix?: true }) => {
      const value = await withProgress('looking', human.doctor({ fix: flags.fix === true }))
      return { value, text: (look) => doctorText(value.diagnoses, look) }
    }),
  )
}
