import type { FreeKind } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { bodyOf, collect } from '../flags.ts'
import { recordIdOf } from '../ids.ts'
import { recordListText, recordText } from '../text-record.ts'
import { visible } from '../untrusted.ts'

interface NewFlags {
  readonly body?: string
  readonly repo?: readonly string[]
  readonly effort?: string
  readonly link?: readonly string[]
}

/** Defines `new|list|show` of one free kind. */
export function defineRecord(command: Command, kind: FreeKind, example: { readonly title: string; readonly id: string }): void {
  examples(command, `signalbox ${kind} new '${example.title}'`, `signalbox ${kind} show ${example.id}`)
  defineNew(command.command('new').summary(`write ${articleOf(kind)} ${kind}`), kind, example.title)
  defineList(command.command('list').summary(`list ${kind}s`), kind)
  const show = command.command('show').summary(`show one ${kind}`).argument(`<${kind}>`, `${kind} id, such as ${example.id}`)
  examples(show, `signalbox ${kind} show ${example.id}`)
  show.action(
    act(async (human, id: string) => {
      const value = await human.readRecord(kind, recordIdOf(kind, id))
      return { value, text: (look) => recordText(value, look) }
    }),
  )
}

function defineNew(command: Command, kind: FreeKind, title: string): void {
  command
    .description(`Writes ${articleOf(kind)} ${kind} as a Markdown file in the memory repo.`)
    .argument('<title>')
    .option('--body <text>', 'the text, in Markdown; - reads standard input')
    .option('--repo <name>', 'a repo it is about; repeat for more', collect)
    .option('--link <id>', 'a record it belongs with; repeat for more', collect)
  if (kind !== 'effort') command.option('--effort <effort>', 'effort it belongs to')
  examples(command, `signalbox ${kind} new '${title}' --repo api --body -  < text.md`)
  command.action(
    act(async (human, name: string, flags: NewFlags) => {
      const value = await human.createRecord(kind, {
        title: name,
        body: await bodyOf(flags.body ?? ''),
        repos: [...(flags.repo ?? [])],
        links: [...(flags.link ?? [])],
        ...(flags.effort === undefined ? {} : { effort: flags.effort.toUpperCase() }),
      })
      return { value, text: () => `${value.id}  ${visible(value.title)}\n${visible(value.path)}` }
    }),
  )
}

function defineList(command: Command, kind: FreeKind): void {
  examples(command, `signalbox ${kind} list`)
  command.action(
    act(async (human) => {
      const { records, quarantined } = await human.listRecords(kind)
      return {
        value: { [`${kind}s`]: records, quarantined },
        text: (look) => recordListText(records, quarantined, look),
        note: records.length === 0 ? `No ${kind}s yet. Write one: signalbox ${kind} new 'TITLE'` : undefined,
      }
    }),
  )
}

function articleOf(kind: FreeKind): string {
  return kind === 'effort' ? 'an' : 'a'
}
