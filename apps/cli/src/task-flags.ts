import type { TaskChanges } from '@signalbox/core'
import type { Command } from 'commander'
import { baseBranchOf, bodyOf, collect, numberOf, scopeOf } from './flags.ts'

/** The flags that `task new` and `task edit` share. */
export interface FieldFlags {
  readonly repo?: readonly string[]
  readonly baseBranch?: readonly string[]
  readonly body?: string
  readonly scope?: readonly string[]
  readonly effort?: string
  readonly priority?: string
  readonly label?: readonly string[]
  readonly link?: readonly string[]
}

/** Declares the shared flags on a command. */
export function fieldFlags(command: Command): Command {
  return command
    .option('--repo <name>', 'a repo the task is about; repeat for more', collect)
    .option('--base-branch <branch>', 'branch to land on, or one api=main per repo; the registered one when absent', collect)
    .option('--body <text>', 'what and why, in Markdown; - reads standard input')
    .option('--scope <repo:glob>', 'paths the change must stay within; repeat for more', collect)
    .option('--effort <effort>', 'effort it belongs to')
    .option('--priority <1-4>', '1 is highest')
    .option('--label <label>', 'repeat for more', collect)
    .option('--link <id>', 'a decision, note or other record it must know; repeat for more', collect)
}

/** Returns the fields that were given; what was not given is not in it. @throws ControlError `input.invalid` */
export async function fieldsOf(flags: FieldFlags): Promise<Omit<TaskChanges, 'title' | 'status' | 'expect'>> {
  return {
    ...(flags.repo === undefined ? {} : { repos: [...flags.repo] }),
    ...(flags.baseBranch === undefined ? {} : { baseBranch: baseBranchOf(flags.baseBranch) }),
    ...(flags.body === undefined ? {} : { body: await bodyOf(flags.body) }),
    ...(flags.scope === undefined ? {} : { scope: scopeOf(flags.scope) }),
    ...(flags.effort === undefined ? {} : { effort: flags.effort.toUpperCase() }),
    ...(flags.priority === undefined ? {} : { priority: numberOf('--priority', flags.priority) }),
    ...(flags.label === undefined ? {} : { labels: [...flags.label] }),
    ...(flags.link === undefined ? {} : { links: [...flags.link] }),
  }
}
