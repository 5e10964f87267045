import { exit, type CleanReport } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { cleanText } from '../text-clean.ts'

interface Flags {
  readonly dryRun?: true
  readonly unlanded?: true
}

/** Defines `clean [RUN…]`. */
export function define(command: Command): void {
  command
    .description(
      'Removes the workspaces of runs that landed, were rejected or changed nothing, and check folders that nothing open needs. What no round has, what is in use and what cannot be looked at stays, and exits with 4; rounds, diffs, logs, packets and handoffs stay always. Ignored files go with their workspace.',
    )
    .argument('[runs...]', 'only these runs, landed or not, such as R0001')
    .option('--unlanded', 'take sealed runs that have not landed, too')
    .option('--dry-run', 'only say what would be done')
  examples(command, 'signalbox clean --dry-run', 'signalbox clean', 'signalbox clean R0001 R0002')
  command.action(
    act(async (human, ids: readonly string[], flags: Flags) => {
      const value = await withProgress('looking at workspaces', human.clean({ runs: ids.map(runIdOf), unlanded: flags.unlanded === true, dryRun: flags.dryRun === true }))
      return { value, text: (look) => cleanText(value, look), exitCode: isRefused(value) ? exit.refused : exit.ok }
    }),
  )
}

function isRefused({ workspaces, checkFolders }: CleanReport): boolean {
  return [...workspaces, ...checkFolders].some(({ action }) => action === 'refused')
}
