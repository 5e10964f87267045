import { ControlError, taskStatuses, type TaskStatus } from '@signalbox/core'
import { Option, type Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { collect } from '../flags.ts'
import { taskIdOf } from '../ids.ts'
import { fieldFlags, fieldsOf, type FieldFlags } from '../task-flags.ts'
import { taskListText, taskText } from '../text-task.ts'
import { visible } from '../untrusted.ts'

/** Defines `task new|list|show|edit|next`. */
export function define(command: Command): void {
  examples(command, "signalbox task new 'Fix the login' --repo api --repo web", 'signalbox task list --status ready', 'signalbox task edit T0001 --status dropped')
  defineNew(command.command('new').summary('write a task'))
  defineList(command.command('list').summary('list tasks'))
  defineShow(command.command('show').summary('show one task'))
  defineEdit(command.command('edit').summary('change a task; the rest of its file stays byte for byte'))
  defineNext(command.command('next').summary('name the ready task to take next'))
}

function defineNew(command: Command): void {
  command.description('Writes a task as a Markdown file in the memory repo.').argument('<title>')
  fieldFlags(command).option('--depends-on <task>', 'a task that must be done first; repeat for more', collect).option('--draft', 'not ready to be taken yet')
  examples(command, "signalbox task new 'Fix the login' --repo api --scope 'api:src/**' --body 'It fails after an hour.'", "signalbox task new 'Rename the field' --repo api --repo web --base-branch api=main --base-branch web=release/2")
  command.action(
    act(async (human, title: string, flags: FieldFlags & { readonly dependsOn?: readonly string[]; readonly draft?: true }) => {
      const dependsOn = (flags.dependsOn ?? []).map(taskIdOf)
      const value = await human.createTask({ ...(await fieldsOf(flags)), title, dependsOn, status: flags.draft === true ? 'draft' : 'ready' })
      const next = value.repos.length === 0 ? `→ signalbox task edit ${value.id} --repo NAME` : `→ signalbox run ${value.id} --agent AGENT`
      return { value, text: () => `${value.id}  ${visible(value.title)}\n${visible(value.path)}`, note: next }
    }),
  )
}

function defineList(command: Command): void {
  command.addOption(new Option('--status <status>', 'only tasks in this status').choices(taskStatuses))
  examples(command, 'signalbox task list --status ready', "signalbox task list --json | jq -r '.tasks[].id'")
  command.action(
    act(async (human, { status }: { readonly status?: TaskStatus }) => {
      const value = await human.listTasks({ status })
      const empty = status === undefined ? "No tasks yet. Write one: signalbox task new 'TITLE' --repo NAME" : `No task is ${status}. All of them: signalbox task list`
      return { value, text: (look) => taskListText(value.tasks, value.quarantined, look), note: value.tasks.length === 0 ? empty : undefined }
    }),
  )
}

function defineShow(command: Command): void {
  command.argument('<task>', 'task id, such as T0001')
  examples(command, 'signalbox task show T0001')
  command.action(
    act(async (human, id: string) => {
      const value = await human.readTask(taskIdOf(id))
      return { value, text: (look) => taskText(value, look) }
    }),
  )
}

function defineEdit(command: Command): void {
  command.argument('<task>', 'task id, such as T0001').addOption(new Option('--status <status>', 'new status').choices(taskStatuses)).option('--title <title>', 'new title')
  fieldFlags(command).option('--expect <hash>', 'refuse when the file is not the one with this hash')
  examples(command, 'signalbox task edit T0001 --status dropped', 'signalbox task edit T0001 --base-branch release/2 --priority 1')
  command.action(
    act(async (human, id: string, { status, title, expect, ...flags }: FieldFlags & { readonly status?: TaskStatus; readonly title?: string; readonly expect?: string }) => {
      const changes = { ...(await fieldsOf(flags)), ...(status === undefined ? {} : { status }), ...(title === undefined ? {} : { title }) }
      if (Object.keys(changes).length === 0) throw new ControlError('input.invalid', 'There is nothing to change', { hint: 'Name what to set, such as --status ready; --help lists all' })
      const value = await human.editTask(taskIdOf(id), { ...changes, expect })
      return { value, text: (look) => taskText(value, look) }
    }),
  )
}

function defineNext(command: Command): void {
  examples(command, 'signalbox task next')
  command.action(
    act(async (human) => {
      const value = await human.nextTask()
      const { task, because } = value
      if (task === null) return { value, text: () => `No task to take: ${visible(because)}` }
      return { value, text: ({ ink }) => `${ink.bold(task.id)}  ${visible(task.title)}\n${ink.dim(visible(because))}`, note: `→ signalbox run ${task.id} --agent AGENT` }
    }),
  )
}
