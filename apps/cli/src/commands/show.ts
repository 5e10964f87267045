import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { runText } from '../text-run.ts'

/** Defines `show RUN`. */
export function define(command: Command): void {
  command.argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox show R0001', "signalbox show R0001 --json | jq '.snapshots[-1]'")
  command.action(
    act(async (human, id: string) => {
      const value = await human.readRun(runIdOf(id))
      return { value, text: (look) => runText(value, look) }
    }),
  )
}
