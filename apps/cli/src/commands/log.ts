import type { HumanFace, LoggedEvent, RunId, TranscriptLine } from '@signalbox/core'
import type { Command } from 'commander'
import { act, type GlobalFlags } from '../act.ts'
import { examples } from '../examples.ts'
import { followRun, type Listener } from '../follow.ts'
import { runIdOf } from '../ids.ts'
import { lookOf } from '../look.ts'
import type { Shown } from '../output.ts'
import { logText } from '../text-event.ts'

/** Defines `log RUN [-f]`. */
export function define(command: Command): void {
  command.description('Shows the events of a run and what the agent printed, in the order it happened.').argument('<run>', 'run id, such as R0001').option('-f, --follow', 'go on until the run has ended')
  examples(command, 'signalbox log R0001', 'signalbox log R0001 -f')
  command.action(
    act(async (human, id: string, flags: { readonly follow?: true }) => {
      const run = runIdOf(id)
      if (flags.follow !== true) return readLog(human, run)
      return command.optsWithGlobals<GlobalFlags>().json === true ? collectLog(human, run) : printLog(human, run)
    }),
  )
}

async function readLog(human: HumanFace, run: RunId): Promise<Shown> {
  const [{ events, ended }, { lines }] = await Promise.all([human.readEvents(run), human.readTranscript(run)])
  return { value: { run, ended, events, lines }, text: (look) => logText(events, lines, look) }
}

/** Follows to the end and returns one value, which is what `--json` promises. */
async function collectLog(human: HumanFace, run: RunId): Promise<Shown> {
  const events: LoggedEvent[] = []
  const lines: TranscriptLine[] = []
  const listener: Listener = { onEvents: (more) => events.push(...more), onLines: (more) => lines.push(...more) }
  await followRun(human, run, listener)
  return { value: { run, ended: true, events, lines }, text: () => '' }
}

/** Follows to the end and prints everything as it comes. */
async function printLog(human: HumanFace, run: RunId): Promise<Shown> {
  const look = lookOf(process.stdout, Date.now())
  await followRun(human, run, {
    onEvents: (events) => process.stdout.write(`${logText(events, [], look)}\n`),
    onLines: (lines) => process.stdout.write(`${logText([], lines, look)}\n`),
  })
  return { value: {}, text: () => '' }
}
