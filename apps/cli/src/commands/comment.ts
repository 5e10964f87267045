import { ControlError, type CommentRequest } from '@signalbox/core'
import { Option, type Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { bodyOf, placeOf } from '../flags.ts'
import { findingIdOf, snapshotOf } from '../ids.ts'
import { findingText } from '../text-finding.ts'

interface Flags {
  readonly at?: string
  readonly side: 'new' | 'old'
  readonly reply?: string
  readonly addressed?: string
  readonly declined?: string
  readonly reopen?: string
  readonly because?: string
}

/** Defines `comment RUN TEXT`. */
export function define(command: Command): void {
  command
    .description('Opens a finding: on lines or a file of the latest round, or on the run as a whole. It blocks approval and merge until somebody says that it was addressed or declined.')
    .argument('<run>', 'run id, such as R0001, or the round that was looked at, such as R0001.s2')
    .argument('[text]', 'what was found, or what is said about it; - reads standard input')
    .option('--at <repo:path:lines>', 'where: api:src/a.ts:4, api:src/a.ts:4-9, or api:src/a.ts for the file')
    .addOption(new Option('--side <side>', 'of --at: lines as they would land, or as they were in the base').choices(['new', 'old']).default('new'))
    .option('--reply <finding>', 'say something about a finding, such as F1')
    .option('--addressed <finding>', 'say that a finding was seen to')
    .option('--declined <finding>', 'say that a finding is left as it is')
    .option('--reopen <finding>', 'open a settled finding again')
    .option('--because <text>', 'why it is settled or opened, for the record')
  examples(
    command,
    "signalbox comment R0001 --at api:src/a.ts:4-9 'This drops the last page'",
    "signalbox comment R0001 --at api:src/a.ts:4 --side old 'Why did this go?'",
    "signalbox comment R0001 'Tests are missing'",
    "signalbox comment R0001 --reply F1 'Only in the list view'",
    'signalbox comment R0001 --addressed F1',
    "signalbox comment R0001 --declined F2 --because 'as agreed'",
  )
  command.action(
    act(async (human, id: string, words: string | undefined, flags: Flags) => {
      const { run, round } = snapshotOf(id)
      const value = await human.comment(run, { ...(await requestOf(words, flags)), ...(round === undefined ? {} : { round }) })
      return { value, text: (look) => findingText(value.finding, look), note: `→ signalbox review ${run}` }
    }),
  )
}

const states = { addressed: 'addressed', declined: 'declined', reopen: 'open' } as const

async function requestOf(words: string | undefined, { at, side, because, ...about }: Flags): Promise<CommentRequest> {
  const [named, ...more] = (['reply', 'addressed', 'declined', 'reopen'] as const).flatMap((flag) => (about[flag] === undefined ? [] : [{ flag, id: findingIdOf(about[flag]) }]))
  if (more.length > 0) throw new ControlError('input.invalid', 'One call says one thing about one finding', { hint: 'Leave all but one of --reply, --addressed, --declined and --reopen out' })
  if (words !== undefined && because !== undefined) throw new ControlError('input.invalid', 'The reason is given twice', { hint: 'Leave --because out: the text is the reason' })
  const said = words ?? because
  const text = said === undefined ? {} : { text: await bodyOf(said) }
  if (named === undefined) return { ...text, ...(at === undefined ? {} : { at: { ...placeOf(at), side } }) }
  if (at !== undefined) throw new ControlError('input.invalid', `${named.id} stays where it was put`, { hint: 'Leave --at out, or open a new finding there' })
  return { ...text, finding: named.id, ...(named.flag === 'reply' ? {} : { state: states[named.flag] }) }
}
