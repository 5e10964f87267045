import { Option, type Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { repoNameOf, roundOf, snapshotOf } from '../ids.ts'
import { commitsText } from '../text-commits.ts'
import { hunksText, patchNote, patchPage, patchText, statText } from '../text-diff.ts'

interface Flags {
  readonly repo?: string
  readonly since?: string
  readonly stat?: true
  readonly hunks?: true
  readonly commits?: true
  readonly commit?: string
}

/** Defines `diff RUN[.sN]`. */
export function define(command: Command): void {
  command
    .description('Prints the saved patch, each repo against its own base. In a pipe it is the patch byte for byte. With --since it is only what the author changed since an older snapshot, also where the target moved and the round was refreshed.')
    .argument('<run>', 'run or snapshot id, such as R0001 or R0001.s2; the latest when only the run is named')
    .option('--repo <name>', 'only this repo')
    .option('--since <snapshot>', 'only what changed since this checkpoint or round, such as s1')
    .option('--stat', 'only which files, and how much')
    .addOption(new Option('--commits', 'the agent’s own commits that led to it, as `--strategy keep` would land them').conflicts(['commit', 'since', 'stat', 'hunks', 'repo']))
    .addOption(new Option('--commit <id>', 'only what one of them changed, by the beginning of its id; `rest` for what is in none').conflicts('since'))
    .option('--hunks', 'only where each file changes, numbered as `seal --hunk` takes them')
  examples(command, 'signalbox diff R0001', 'signalbox diff R0001.s2 --stat', 'signalbox diff R0001 --since s1', 'signalbox diff R0001 --commits', 'signalbox diff R0001 --commit 1a2b3c4d5e', 'signalbox diff R0001 --repo api | git apply --check')
  command.action(
    act(async (human, id: string, flags: Flags) => {
      const { run, round } = snapshotOf(id)
      if (flags.commits === true) {
        const value = await human.readCommits(run, { round })
        return { value, text: (look) => commitsText(value, look) }
      }
      const value = await human.diff(run, {
        round,
        repo: flags.repo === undefined ? undefined : repoNameOf(flags.repo),
        since: flags.since === undefined ? undefined : roundOf(run, flags.since),
        commit: flags.commit,
      })
      return {
        value,
        text: (look) => (flags.stat === true ? statText(value, look) : flags.hunks === true ? hunksText(value, look) : process.stdout.isTTY ? patchPage(value, look) : patchText(value)),
        note: patchNote(value, flags.stat !== true && flags.hunks !== true && !process.stdout.isTTY),
      }
    }),
  )
}
