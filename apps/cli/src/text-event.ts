import { isKnown, sayEvent, type LoggedEvent, type TranscriptLine } from '@signalbox/core'
import type { Look } from './look.ts'
import { receiptText } from './text-check.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns one event of a run as a sentence for people. */
export function eventText(event: LoggedEvent, look: Look): string {
  if (!isKnown(event)) return look.ink.yellow(sayEvent(event, visible))
  return event.type === 'check.finished' ? receiptText(event.data.receipt, look) : sayEvent(event, visible)
}

/** Returns events and transcript lines in the order of their times, events before lines of the same instant. */
export function logText(events: readonly LoggedEvent[], lines: readonly TranscriptLine[], look: Look): string {
  const told = [...events.map((event) => ({ at: event.at, text: eventLine(event, look) })), ...lines.map((line) => ({ at: line.at, text: transcriptLine(line, look) }))]
  return told
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ text }) => text)
    .join('\n')
}

/** Returns one event with its time of day: `10:02:07  Agent started`. */
export function eventLine(event: LoggedEvent, look: Look): string {
  return `${look.ink.dim(timeOfDay(event.at))}  ${eventText(event, look)}`
}

function transcriptLine({ at, stream, text }: TranscriptLine, { ink }: Look): string {
  const bar = stream === 'stdout' || stream === 'agent' ? ink.dim('│') : ink.yellow(stream === 'stderr' ? '┃' : `${stream} │`)
  return `${ink.dim(timeOfDay(at))}  ${bar} ${visibleLines(text.replace(/\n$/, '')).replaceAll('\n', '\n          ')}`
}

/** Returns the local time of day of an instant; what cannot be read is shown as it is. */
export function timeOfDay(at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return visible(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
