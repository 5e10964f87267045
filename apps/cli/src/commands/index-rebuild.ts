import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { withProgress } from '../progress.ts'
import { count } from '../text-parts.ts'

/** Defines `index rebuild`. */
export function define(command: Command): void {
  examples(command, 'signalbox index rebuild')
  const rebuild = command.command('rebuild').summary('read every file again').description('Builds the search index again from the files. The index only ever repeats what the files say, so nothing can be lost.')
  examples(rebuild, 'signalbox index rebuild')
  rebuild.action(
    act(async (human) => {
      const value = await withProgress('reading every record', human.rebuildIndex())
      return { value, text: () => `Indexed ${count(value.records, 'record')}${value.quarantined === 0 ? '' : `; ${count(value.quarantined, 'file')} could not be read`}`, note: value.quarantined === 0 ? undefined : '→ signalbox doctor' }
    }),
  )
}
