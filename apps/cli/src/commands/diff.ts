import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { repoNameOf, snapshotOf } from '../ids.ts'
import { patchPage, patchText, statText } from '../text-diff.ts'

interface Flags {
  readonly repo?: string
  readonly stat?: true
}

/** Defines `diff RUN[.sN]`. */
export function define(command: Command): void {
  command
    .description('Prints the saved patch, each repo against its own base. In a pipe it is the patch byte for byte.')
    .argument('<run>', 'run or snapshot id, such as R0001 or R0001.s2; the latest when only the run is named')
    .option('--repo <name>', 'only this repo')
    .option('--stat', 'only which files, and how much')
  examples(command, 'signalbox diff R0001', 'signalbox diff R0001.s2 --stat', 'signalbox diff R0001 --repo api | git apply --check')
  command.action(
    act(async (human, id: string, flags: Flags) => {
      const { run, round } = snapshotOf(id)
      const value = await human.diff(run, { round, repo: flags.repo === undefined ? undefined : repoNameOf(flags.repo) })
      const changed = value.repos.filter(({ patch }) => patch !== '')
      const several = changed.length > 1 && flags.stat !== true && !process.stdout.isTTY
      return {
        value,
        text: (look) => (flags.stat === true ? statText(value, look) : process.stdout.isTTY ? patchPage(value, look) : patchText(value)),
        note: changed.length === 0 ? `${value.snapshot} changes nothing` : several ? `Patches of ${changed.map(({ repo }) => repo).join(' and ')}, one after the other; --repo picks one` : undefined,
      }
    }),
  )
}
