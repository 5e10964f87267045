import { resolve } from 'node:path'
import type { Restored } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { snapshotOf } from '../ids.ts'
import type { Look } from '../look.ts'
import { withProgress } from '../progress.ts'
import { visible } from '../untrusted.ts'

/** Defines `restore RUN[.sN] FOLDER`. */
export function define(command: Command): void {
  command
    .description('Writes every file of a checkpoint or round, byte for byte, to a folder that is empty or not there yet: in it one folder per repo. Nothing else is touched. To go on from there with an agent, see `run --from`.')
    .argument('<snapshot>', 'run or snapshot id, such as R0001 or R0001.s2; the latest round when only the run is named')
    .argument('<folder>', 'folder that is empty or not there yet')
  examples(command, 'signalbox restore R0001.s2 ../before', 'signalbox restore R0001 /tmp/latest')
  command.action(
    act(async (human, id: string, folder: string) => {
      const { run, round } = snapshotOf(id)
      const value = await withProgress(`restoring ${id}`, human.restore(run, { ...(round === undefined ? {} : { round }), folder: resolve(folder) }))
      return { value, text: (look) => restoredText(value, look) }
    }),
  )
}

function restoredText({ snapshot, folder, repos }: Restored, { ink }: Look): string {
  const gaps = repos.flatMap(({ repo, missing }) => missing.map(({ path, reason }) => ink.red(`  not in it: ${repo}/${visible(path)} (${reason.replaceAll('_', ' ')})`)))
  return [`${ink.bold(snapshot)} lies in ${visible(folder)}: ${repos.map(({ repo }) => repo).join(', ')}`, ...gaps].join('\n')
}
