import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { runText } from '../text-run.ts'

/** Defines `reject RUN`. */
export function define(command: Command): void {
  command.description('Turns a run down. Its diff and record stay readable.').argument('<run>', 'run id, such as R0001').option('--because <text>', 'why, for the record')
  examples(command, "signalbox reject R0001 --because 'it drops the retry'")
  command.action(
    act(async (human, id: string, flags: { readonly because?: string }) => {
      const value = await human.reject(runIdOf(id), flags)
      return { value, text: (look) => runText(value, look), note: `→ signalbox run ${value.task} --agent AGENT` }
    }),
  )
}
