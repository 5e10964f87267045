import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { taskIdOf } from '../ids.ts'
import { runListText } from '../text-run.ts'

/** Defines `runs`. */
export function define(command: Command): void {
  command.option('--task <task>', 'only runs of this task')
  examples(command, 'signalbox runs', 'signalbox runs --task T0001')
  command.action(
    act(async (human, flags: { readonly task?: string }) => {
      const value = await human.listRuns({ task: flags.task === undefined ? undefined : taskIdOf(flags.task) })
      return { value, text: (look) => runListText(value.runs, value.quarantined, look), note: value.runs.length === 0 ? 'No runs yet. Start one: signalbox run TASK --agent AGENT' : undefined }
    }),
  )
}
