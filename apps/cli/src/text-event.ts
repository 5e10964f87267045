import { isKnown, quote, sayAnswer, sayApproval, sayLook, sayReason, type LoggedEvent, type RunEvent, type TranscriptLine } from '@signalbox/core'
import type { Look } from './look.ts'
import { receiptText } from './text-check.ts'
import { count, duration, shortId, size } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns one event of a run as a sentence for people. */
export function eventText(event: LoggedEvent, look: Look): string {
  if (!isKnown(event)) return look.ink.yellow(`${visible(event.type)}: an event that a newer version wrote (format ${event.format})`)
  switch (event.type) {
    case 'run.queued':
      if (event.data.takesBack !== undefined) return `asked for by ${visible(event.data.by)}: take back what ${event.data.takesBack.run} landed on ${event.data.takesBack.repos.map(({ repo, branch }) => `${visible(branch)} of ${repo}`).join(', ')}`
      return `queued by ${visible(event.data.by)}: ${visible([event.data.agent, ...event.data.argv.map(quote)].join(' '))} on ${event.data.repos.map(({ repo }) => repo).join(', ')}${event.data.from === undefined ? '' : `, beginning with ${event.data.from}`}`
    case 'run.claimed':
      return `preparing, supervised by process ${event.data.pid}`
    case 'run.prepared':
      return `packet saved, ${event.data.packetTokens} tokens`
    case 'setup.finished':
      return `set-up of ${event.data.repo} ${event.data.exitCode === 0 ? 'done' : `failed (exit ${event.data.exitCode ?? 'none'})`} in ${duration(event.data.durationMs)}: ${visible(event.data.command)}`
    case 'run.started':
      return `agent started, process ${event.data.pid}${event.data.from === undefined ? '' : `, on the files of ${event.data.from}`}`
    case 'run.waited':
      return `waiting for ${event.data.for}: ${visible(event.data.because)}`
    case 'run.resumed':
      return `gone on with by ${visible(event.data.by)}, ${event.data.how === 'session' ? 'in the session of its agent' : 'anew from its packet and its handoff'}${event.data.text === null ? '' : `: ${visible(event.data.text)}`}`
    case 'run.continued':
      return 'going on'
    case 'session.opened':
      return `${event.data.how === 'new' ? 'new session' : 'going on with session'} ${visible(event.data.session)}${event.data.model === null ? '' : `, model ${visible(event.data.model)}`}${event.data.mode === null ? '' : `, mode ${visible(event.data.mode)}`}`
    case 'question.asked':
      return `${event.data.asked.id} asked${event.data.asked.kind === 'permission' ? ', may it' : ''}: ${visible(event.data.asked.text)}`
    case 'question.answered':
      return `${event.data.question} answered by ${visible(event.data.by)}: ${visible(sayAnswer(event.data.answer))}`
    case 'run.cancel_requested':
      return `cancel asked for by ${visible(event.data.by)}: ${visible(event.data.because)}`
    case 'agent.claimed':
      return `agent says it changed ${count(event.data.changed.length + event.data.outside.length, 'file')} and ran ${count(event.data.commands.length, 'command')}`
    case 'agent.exited':
      return `agent ended: ${visible(event.data.because)}`
    case 'sealing.started':
      return 'sealing what it left'
    case 'checkpoint.captured':
      return `${snapshotText(event)} (${sayReason(event.data.reason)})`
    case 'checkpoint.failed':
      return `no checkpoint, though ${sayReason(event.data.reason)}: ${visible(event.data.because)}`
    case 'checkpoint.thinned':
      return `${event.data.snapshots.join(', ')} not kept any more: ${event.data.keep} checkpoints are kept of a run`
    case 'round.sealed':
      return snapshotText(event)
    case 'refresh.begun':
      return `preparing the workspace to settle what conflicts of ${event.data.of}, asked for by ${visible(event.data.by)}`
    case 'refresh.prepared':
      return event.data.conflicts.length === 0 ? 'ready to be sealed: git settled it there' : `ready to be settled: ${event.data.conflicts.map(({ repo, path }) => visible(`${repo}/${path}`)).join(', ')}`
    case 'refresh.delegated':
      return `${event.data.run} goes on with ${event.data.of} on the moved targets, asked for by ${visible(event.data.by)}`
    case 'review.recorded':
      return `${event.data.findings.join(', ')} ${event.data.what === 'carried' ? 'carried over' : event.data.what === 'replied' ? 'replied to' : event.data.what} by ${visible(event.data.by)}`
    case 'changes.requested':
      return `${event.data.findings.join(', ')} of ${event.data.of} sent to ${event.data.run} by ${visible(event.data.by)}`
    case 'seal.failed':
      return `the workspace could not be saved: ${visible(event.data.because)}`
    case 'source.compared':
      return visible(sayLook({ ...event.data, accepted: null }) ?? `nothing of yours in ${event.data.repo} changed`)
    case 'source.accepted':
      return `${visible(event.data.by)} says that what changed was their own: ${visible(event.data.because)}`
    case 'check.finished':
      return receiptText(event.data.receipt, look)
    case 'handoff.written':
      return `handoff ${event.data.handoff} written`
    case 'run.ended':
      return `${event.data.outcome}: ${visible(event.data.because)}`
    case 'approval.granted':
      return `Approved: ${visible(sayApproval(event.data.approval))}`
    case 'waiver.granted':
      return `${event.data.waiver.code}${event.data.waiver.repo === undefined ? '' : ` of ${event.data.waiver.repo}`} waived for ${event.data.waiver.snapshot} by ${visible(event.data.waiver.by)}: ${visible(event.data.waiver.because)}`
    case 'run.rejected':
      return `rejected by ${visible(event.data.by)}: ${visible(event.data.because)}`
    case 'merge.started':
      return `merge (${event.data.strategy}) started in ${count(event.data.repos.length, 'repo')}`
    case 'merge.stopped':
      return `merge stopped${event.data.stuck ? ' half-way' : ', nothing moved'}: ${visible(event.data.because)}`
    case 'merge.published':
    case 'merge.undone':
      return `${event.type === 'merge.undone' ? 'undone' : 'merged'}: ${event.data.repos.map(({ repo, branch, to }) => `${repo} → ${visible(branch)} ${shortId(to)}`).join(', ')}`
    case 'push.started':
      return `push of ${event.data.snapshot} (${event.data.strategy}) to ${visible(event.data.branch)} on ${event.data.remote} started in ${count(event.data.repos.length, 'repo')} by ${visible(event.data.by)}`
    case 'branch.pushed':
      return `${event.data.repo} pushed to ${visible(event.data.branch)} on ${event.data.remote}, ${shortId(event.data.to)}`
    case 'push.stopped':
      return `push stopped at ${event.data.repo}: ${visible(event.data.because)}`
    case 'pull_request.opened':
      return `pull request of ${event.data.repo}: ${visible(event.data.url)}`
    case 'merge.revert_prepared':
      return `${event.data.run} made to take the landing back, asked for by ${visible(event.data.by)}`
    default:
      return event satisfies never
  }
}

/** Returns events and transcript lines in the order of their times, events before lines of the same instant. */
export function logText(events: readonly LoggedEvent[], lines: readonly TranscriptLine[], look: Look): string {
  const told = [...events.map((event) => ({ at: event.at, text: eventLine(event, look) })), ...lines.map((line) => ({ at: line.at, text: transcriptLine(line, look) }))]
  return told
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ text }) => text)
    .join('\n')
}

/** Returns one event with its time of day: `10:02:07  agent started`. */
export function eventLine(event: LoggedEvent, look: Look): string {
  return `${look.ink.dim(timeOfDay(event.at))}  ${eventText(event, look)}`
}

function transcriptLine({ at, stream, text }: TranscriptLine, { ink }: Look): string {
  const bar = stream === 'stdout' || stream === 'agent' ? ink.dim('│') : ink.yellow(stream === 'stderr' ? '┃' : `${stream} │`)
  return `${ink.dim(timeOfDay(at))}  ${bar} ${visibleLines(text.replace(/\n$/, '')).replaceAll('\n', '\n          ')}`
}

function snapshotText({ type, data: { snapshot } }: Extract<RunEvent, { type: 'checkpoint.captured' | 'round.sealed' }>): string {
  const changes = snapshot.repos.map((repo) => `${repo.repo} ${size(repo)}`).join(', ')
  return `${snapshot.id} ${type === 'round.sealed' ? 'sealed' : 'saved as checkpoint'}: ${changes}${snapshot.complete ? '' : ', incomplete'}`
}

/** Returns the local time of day of an instant; what cannot be read is shown as it is. */
export function timeOfDay(at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return visible(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
