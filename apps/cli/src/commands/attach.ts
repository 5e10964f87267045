import { createInterface } from 'node:readline'
import { isKnown, messageOf, type Answer, type Asked, type HumanFace, type LoggedEvent, type RunId } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { followRun } from '../follow.ts'
import { runIdOf } from '../ids.ts'
import { lookOf, type Look } from '../look.ts'
import { note, type Shown } from '../output.ts'
import { logText } from '../text-event.ts'
import { visible } from '../untrusted.ts'

/** Defines `attach RUN`. */
export function define(command: Command): void {
  command
    .description('Follows a run like `log RUN -f`, and answers what its agent asks: each line you type answers the oldest question that is open. To let a tool be used, type yes, or always; no, or no and why, refuses. Ctrl-C ends the following, not the run.')
    .argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox attach R0001')
  command.action(act((human, id: string) => attach(human, runIdOf(id))))
}

async function attach(human: HumanFace, run: RunId): Promise<Shown> {
  const look = lookOf(process.stdout, Date.now())
  const open = new Map<string, Asked>()
  const lines = createInterface({ input: process.stdin })
  // What was typed before anything was seen is meant for what is open by then.
  let seen: () => void = () => {}
  let last = new Promise<void>((resolve) => (seen = resolve))
  // One after the other: the next line answers what is open by then.
  lines.on('line', (line) => void (last = last.then(() => answerNext(human, run, { open, line: line.trim(), look }))))
  try {
    await followRun(human, run, {
      onEvents: (events) => {
        process.stdout.write(`${logText(events, [], look)}\n`)
        for (const event of events) take(open, event, look)
        seen()
      },
      onLines: (more) => process.stdout.write(`${logText([], more, look)}\n`),
    })
  } finally {
    seen()
    lines.close()
    // A terminal would keep us waiting for the next line. A file, /dev/null among them, never does, and cannot be told.
    if ('unref' in process.stdin) process.stdin.unref()
  }
  await last
  const { outcome } = await human.readRun(run)
  return { value: { run, outcome }, text: () => '', note: `→ signalbox show ${run}` }
}

function take(open: Map<string, Asked>, event: LoggedEvent, look: Look): void {
  if (!isKnown(event)) return
  if (event.type === 'question.answered') open.delete(event.data.question)
  if (event.type === 'agent.exited' || event.type === 'sealing.started') for (const [id, { kind }] of open) if (kind === 'permission') open.delete(id)
  if (event.type !== 'question.asked') return
  open.set(event.data.asked.id, event.data.asked)
  note(look.ink.yellow(sayAsked(event.data.asked)))
}

function sayAsked(asked: Asked): string {
  if (asked.kind === 'permission') return `${asked.id}: may it ${visible(asked.text)}? yes, always, or no and why`
  return `${asked.id}: ${visible(asked.text)}${asked.options.length === 0 ? '' : ` (${asked.options.map(visible).join(' / ')})`}`
}

async function answerNext(human: HumanFace, run: RunId, { open, line, look }: { readonly open: ReadonlyMap<string, Asked>; readonly line: string; readonly look: Look }): Promise<void> {
  const [asked] = open.values()
  if (line === '') return
  if (asked === undefined) return note(look.ink.dim('Nothing is asked now; that line answers nothing.'))
  const answer = answerOf(asked, line)
  if (answer === undefined) return note(look.ink.yellow(sayAsked(asked)))
  try {
    await human.answer(run, { question: asked.id, answer })
  } catch (error) {
    note(look.ink.red(visible(messageOf(error))))
  }
}

/** Returns what a line says to a question; undefined when it is neither yes nor no. */
function answerOf({ kind }: Asked, line: string): Answer | undefined {
  if (kind === 'question') return { kind: 'text', text: line }
  if (/^(y|yes)$/i.test(line)) return { kind: 'allow', lasting: 'once' }
  if (/^always$/i.test(line)) return { kind: 'allow', lasting: 'always' }
  const [, because] = /^(?:n|no)(?:[\s,]+(.*))?$/i.exec(line) ?? []
  return /^(n|no)\b/i.test(line) ? { kind: 'refuse', because: because ?? '' } : undefined
}
