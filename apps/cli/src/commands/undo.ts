import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import { landedText } from '../text-run.ts'

/** Defines `undo RUN`. */
export function define(command: Command): void {
  command.description('Takes a landing back in all its repos, where nothing was built on top of it; refuses otherwise.').argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox undo R0001')
  command.action(
    act(async (human, id: string) => {
      const run = runIdOf(id)
      const value = await withProgress(`undoing ${run}`, human.undo(run))
      return { value, text: (look) => `${look.ink.green('✓')} ${look.ink.bold(run)} is undone\n${landedText({ merge: value }, look)}`, note: `→ signalbox show ${run}` }
    }),
  )
}
