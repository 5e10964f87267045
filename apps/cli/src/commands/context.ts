import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { numberOf } from '../flags.ts'
import { taskIdOf } from '../ids.ts'
import { contextText, noteOfBudget } from '../text-context.ts'
import { visibleLines } from '../untrusted.ts'

/** Defines `context TASK`. */
export function define(command: Command): void {
  command.argument('<task>', 'task id, such as T0001').option('--budget <tokens>', 'tokens the packet may cost').option('--markdown', 'print the packet itself, as the agent gets it')
  examples(command, 'signalbox context T0001', 'signalbox context T0001 --budget 4000 --markdown')
  command.action(
    act(async (human, id: string, flags: { readonly budget?: string; readonly markdown?: true }) => {
      const budget = flags.budget === undefined ? undefined : numberOf('--budget', flags.budget)
      const value = await human.readContext(taskIdOf(id), { budget })
      return { value, text: (look) => (flags.markdown === true ? visibleLines(value.markdown) : contextText(value, look)), note: noteOfBudget(value) }
    }),
  )
}
