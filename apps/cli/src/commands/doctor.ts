import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { withProgress } from '../progress.ts'
import { doctorText, repairsText } from '../text-doctor.ts'
import { blocks } from '../text-parts.ts'

/** Defines `doctor`. */
export function define(command: Command): void {
  command.description('Looks at git, the memory repo, the index, every registered repo, every saved round, pins, locks, folders and every unsettled run, and says what needs repair.').option('--fix', 'repair what is safe to repair, say what was done, and look again')
  examples(command, 'signalbox doctor', 'signalbox doctor --fix')
  command.action(
    act(async (human, flags: { readonly fix?: true }) => {
      const value = await withProgress('looking', human.doctor({ fix: flags.fix === true }))
      return { value, text: (look) => blocks(repairsText(value.repairs, look), doctorText(value.diagnoses, look)) }
    }),
  )
}
