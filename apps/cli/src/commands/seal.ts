import type { PartChoice, RunId, SealRequest } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { collect, hunksOf, partOf } from '../flags.ts'
import { roundOf, runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { runText } from '../text-run.ts'

interface Flags extends Pick<SealRequest, 'takeEscaped' | 'mine'> {
  readonly only?: readonly string[]
  readonly hunk?: readonly string[]
  readonly from?: string
}

/** Defines `seal RUN`. */
export function define(command: Command): void {
  command
    .argument('<run>', 'run id, such as R0001')
    .option('--only <repo:path>', 'make the next round of this file, folder (api:src/) or repo (api) of the latest one; the rest is left out and stays in that round; repeat for more', collect)
    .option('--hunk <repo:path#n>', 'the same with this hunk of a file, as `diff --hunks` numbers them; repeat for more', collect)
    .option('--from <round>', 'of this round instead, such as s1; alone, all of it')
    .option('--take-escaped', 'then copy the files that changed in your checkouts during the run into its workspace and seal those too; your checkouts are only read')
    .option('--mine <why>', 'say that what changed in your repositories during the run was you; nothing is sealed')
  examples(command, 'signalbox seal R0001', 'signalbox seal R0001 --only api:src/a.ts --hunk web:README.md#2', 'signalbox seal R0001 --from s1', 'signalbox seal R0001 --take-escaped', "signalbox seal R0001 --mine 'I committed on main meanwhile'")
  command.action(
    act(async (human, id: string, flags: Flags) => {
      const run = runIdOf(id)
      const value = await withProgress(`sealing ${run}`, human.sealRun(run, requestOf(run, flags)))
      return { value, text: (look) => runText(value, look), note: `→ signalbox gate ${run}` }
    }),
  )
}

function requestOf(run: RunId, { only = [], hunk = [], from, ...flags }: Flags): SealRequest {
  const chosen: readonly PartChoice[] = [...only.map(partOf), ...hunk.map(hunksOf)]
  return { ...flags, ...(chosen.length === 0 ? {} : { only: [...chosen] }), ...(from === undefined ? {} : { from: roundOf(run, from) }) }
}
