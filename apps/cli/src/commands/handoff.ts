import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { bodyOf, collect } from '../flags.ts'
import { handoffIdOf, runIdOf, taskIdOf } from '../ids.ts'
import { handoffListText, handoffText } from '../text-record.ts'

interface NewFlags {
  readonly task: string
  readonly run?: string
  readonly what: string
  readonly next: string
  readonly blocker?: string
  readonly claim?: readonly string[]
  readonly body?: string
}

/** Defines `handoff new|list|show`. */
export function define(command: Command): void {
  examples(command, 'signalbox handoff list --task T0001', 'signalbox handoff show H0001')
  defineNew(command.command('new').summary('write a handoff'))
  defineList(command.command('list').summary('list handoffs'))
  const show = command.command('show').summary('show one handoff').argument('<handoff>', 'handoff id, such as H0001')
  examples(show, 'signalbox handoff show H0001')
  show.action(
    act(async (human, id: string) => {
      const value = await human.readHandoff(handoffIdOf(id))
      return { value, text: (look) => handoffText(value, look) }
    }),
  )
}

function defineNew(command: Command): void {
  command
    .description('Writes a handoff. What a run changed and which checks it passed is filled in from its record; --claim lines stay claims.')
    .requiredOption('--task <task>', 'task it is about')
    .requiredOption('--what <text>', 'what was done')
    .requiredOption('--next <text>', 'what to do next')
    .option('--run <run>', 'run it closes')
    .option('--blocker <text>', 'what stands in the way')
    .option('--claim <text>', 'validation somebody says was done; repeat for more', collect)
    .option('--body <text>', 'more, in Markdown; - reads standard input')
  examples(command, "signalbox handoff new --task T0001 --run R0001 --what 'Login renews its token' --next 'Watch the error rate'")
  command.action(
    act(async (human, flags: NewFlags) => {
      const value = await human.createHandoff({
        task: taskIdOf(flags.task),
        ...(flags.run === undefined ? {} : { run: runIdOf(flags.run) }),
        what: flags.what,
        next: flags.next,
        blocker: flags.blocker ?? null,
        claims: [...(flags.claim ?? [])],
        body: await bodyOf(flags.body ?? ''),
      })
      return { value, text: (look) => handoffText(value, look) }
    }),
  )
}

function defineList(command: Command): void {
  command.option('--task <task>', 'only handoffs of this task')
  examples(command, 'signalbox handoff list --task T0001')
  command.action(
    act(async (human, flags: { readonly task?: string }) => {
      const value = await human.listHandoffs({ task: flags.task === undefined ? undefined : taskIdOf(flags.task) })
      return { value, text: (look) => handoffListText(value.handoffs, value.quarantined, look), note: value.handoffs.length === 0 ? 'No handoffs yet. Every run leaves one: signalbox run TASK --agent AGENT' : undefined }
    }),
  )
}
