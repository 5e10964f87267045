import type { HumanFace, RunId, UndoRequest } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { withProgress } from '../progress.ts'
import type { Shown } from '../output.ts'
import { landedText, runText } from '../text-run.ts'

/** Defines `undo RUN`. */
export function define(command: Command): void {
  command.description('Takes a landing back in all its repos, where nothing was built on top of it; refuses otherwise.').argument('<run>', 'run id, such as R0001').option('--as-run', 'move nothing, but make a run that takes it back on the targets as they are now, to be reviewed and landed like any other')
  examples(command, 'signalbox undo R0001', 'signalbox undo R0001 --as-run')
  command.action(
    act(async (human, id: string, flags: UndoRequest) => {
      const run = runIdOf(id)
      const value = await withProgress(`undoing ${run}`, human.undo(run, flags))
      if (value.run !== undefined) return showPrepared(human, value, value.run)
      return { value, text: (look) => `${look.ink.green('✓')} ${look.ink.bold(run)} is undone\n${landedText({ merge: value }, look)}`, note: `→ signalbox show ${run}` }
    }),
  )
}

async function showPrepared(human: HumanFace, value: object, id: RunId): Promise<Shown> {
  const run = await human.readRun(id)
  return { value, text: (look) => `Nothing moved: ${look.ink.bold(id)} takes it back once you land it\n\n${runText(run, look)}`, note: `→ signalbox diff ${id}, then signalbox merge ${id} --approve` }
}
