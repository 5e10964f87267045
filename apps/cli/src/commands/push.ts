import { quote, type HumanFace, type MergeStrategy, type PushResult } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { strategyOption } from '../strategy-option.ts'
import { pushedText } from '../text-run.ts'

interface Flags {
  readonly remote: string
  readonly branch?: string
  readonly pr?: true
  readonly strategy?: MergeStrategy
}

/** Defines `push RUN`. */
export function define(command: Command): void {
  command
    .description('Pushes the approved round to a branch of a remote, in all its repos: the very commits a merge would land, under the same gate. A branch there is made or taken forward, never replaced. Pushing again goes on with what is missing; the task stays in review, for the pull request decides.')
    .argument('<run>', 'run id, such as R0001')
    .option('--remote <name>', 'remote, as `git remote` lists it in each repo', 'origin')
    .option('--branch <name>', 'branch there; signalbox/<run> when absent')
    .option('--pr', 'also open a pull request onto the target, by `gh` and its login')
    .addOption(strategyOption('Without it as it was approved, which is squash unless you approved keep'))
  examples(command, 'signalbox push R0001', 'signalbox push R0001 --pr', 'signalbox push R0001 --remote upstream --branch fix/total')
  command.action(
    act(async (human, id: string, { remote, branch, pr, strategy }: Flags) => {
      const run = runIdOf(id)
      const request = { remote, pullRequest: pr === true, ...(strategy === undefined ? {} : { strategy }), ...(branch === undefined ? {} : { branch }) }
      const value = await withProgress(`pushing ${run} to ${remote}`, human.push(run, request))
      const beside = await contentText(human, value)
      return { value, text: (look) => `${look.ink.green('✓')} ${look.ink.bold(run)} is pushed\n${pushedText([value], look)}${beside}`, note: `→ signalbox show ${run}` }
    }),
  )
}

/** Git LFS brings content by a hook of the repository, and none of those ran. */
async function contentText(human: HumanFace, { remote, repos: pushed }: PushResult): Promise<string> {
  const { repos } = await human.listRepos()
  const commands = pushed.flatMap(({ repo, to }) => {
    const found = repos.find(({ name, path, filters }) => name === repo && path !== null && filters.some((filter) => filter.name === 'lfs'))
    return found?.path === undefined || found.path === null ? [] : [`  git -C ${quote(found.path)} lfs push ${remote} ${to}`]
  })
  return commands.length === 0 ? '' : `\nContent that Git LFS keeps does not go along. Where this change has some, bring it:\n${commands.join('\n')}`
}
