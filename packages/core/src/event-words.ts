// What happened in a run, told the same on every face. Nothing here needs the schema library: pages load it by itself.

import { count, duration, shortId, size } from './amounts.ts'
import { quote } from './quote.ts'
import type { LoggedEvent } from './run-event.ts'
import type { Snapshot } from './snapshot.ts'
import { sayAnswer, sayApproval, sayLook, sayOutcome, sayReason, saySurvivors } from './words.ts'

/** Returns one event of a run as a sentence for people, on one line. `visible` spells out what must not reach this reader as it is; `minus` is the sign of removed lines. */
export function sayEvent(event: LoggedEvent, visible: (untrusted: string) => string, minus = '-'): string {
  const opening = (text: string): string => visible(firstLine(text))
  if ('unknown' in event) return `${visible(event.type)}: an event that a newer version wrote (format ${event.format})`
  switch (event.type) {
    case 'run.queued':
      if (event.data.takesBack !== undefined) return `Asked for by ${visible(event.data.by)}: take back what ${event.data.takesBack.run} landed on ${event.data.takesBack.repos.map(({ repo, branch }) => `${visible(branch)} of ${repo}`).join(', ')}`
      return `Queued by ${visible(event.data.by)}: ${visible(clip([event.data.agent, ...event.data.argv.map(quote)].join(' ')))} on ${event.data.repos.map(({ repo }) => repo).join(', ')}${event.data.from === undefined ? '' : `, beginning with ${event.data.from}`}`
    case 'run.claimed':
      return `Preparing, supervised by process ${event.data.pid}`
    case 'run.prepared':
      return `Packet saved, ${event.data.packetTokens} tokens${event.data.budget === undefined || event.data.packetTokens <= event.data.budget ? '' : `: its required parts alone are larger than the budget of ${event.data.budget}`}`
    case 'setup.finished':
      return `Set-up of ${event.data.repo} ${event.data.exitCode === 0 ? 'done' : `failed (exit ${event.data.exitCode ?? 'none'})`} in ${duration(event.data.durationMs)}: ${visible(event.data.command)}`
    case 'run.started':
      return `Agent started, process ${event.data.pid}${event.data.from === undefined ? '' : `, on the files of ${event.data.from}`}`
    case 'run.waited':
      return `Waiting for ${event.data.for === 'quota' ? 'quota' : `a ${event.data.for}`}: ${visible(event.data.because)}`
    case 'run.continued':
      return 'Going on'
    case 'run.cancel_requested':
      return `Cancel asked for by ${visible(event.data.by)}: ${opening(event.data.because)}`
    case 'agent.exited':
      return `Agent ended: ${visible(event.data.because)}`
    case 'sealing.started':
      return 'Sealing what it left'
    case 'processes.survived':
      return event.data.processes.length === 0 ? 'None is left alive' : `Left alive: ${visible(saySurvivors(event.data.processes))}`
    case 'checkpoint.captured':
      return `${saySnapshot(event.data.snapshot, 'saved as checkpoint', minus)} (${sayReason(event.data.reason)})`
    case 'checkpoint.failed':
      return `No checkpoint, though ${sayReason(event.data.reason)}: ${visible(event.data.because)}`
    case 'checkpoint.thinned':
      return `${event.data.snapshots.join(', ')} not kept any more: ${event.data.keep} checkpoints are kept of a run`
    case 'round.sealed':
      return saySnapshot(event.data.snapshot, `sealed${{ run: '', human: ' by you', refresh: ' by a refresh', recovery: ' by recovery', undo: ' from what landed', part: ' by you, of a part' }[event.data.by]}`, minus)
    case 'agent.claimed':
      return `Its agent says it changed ${count(event.data.changed.length + event.data.outside.length, 'file')} and ran ${count(event.data.commands.length, 'command')}`
    case 'run.resumed':
      return `Gone on with by ${visible(event.data.by)}, ${event.data.how === 'session' ? 'in the session of its agent' : 'anew from its packet and its handoff'}${event.data.text === null ? '' : `: ${opening(event.data.text)}`}`
    case 'session.opened':
      return `${event.data.how === 'new' ? 'New session' : 'Going on with session'} ${visible(event.data.session)}${event.data.model === null ? '' : `, model ${visible(event.data.model)}`}${event.data.mode === null ? '' : `, mode ${visible(event.data.mode)}`}`
    case 'question.asked':
      return `${event.data.asked.id} asked${event.data.asked.kind === 'permission' ? ', may it' : ''}: ${(event.data.asked.kind === 'permission' ? visible : opening)(event.data.asked.text)}`
    case 'question.answered':
      return `${event.data.question} answered by ${visible(event.data.by)}: ${opening(sayAnswer(event.data.answer))}`
    case 'refresh.begun':
      return `Preparing the workspace to settle what conflicts of ${event.data.of}, asked for by ${visible(event.data.by)}`
    case 'refresh.prepared':
      return event.data.conflicts.length === 0 ? 'Ready to be sealed: git settled it there' : `Ready to be settled: ${event.data.conflicts.map(({ repo, path }) => visible(`${repo}/${path}`)).join(', ')}`
    case 'refresh.delegated':
      return `${event.data.run} goes on with ${event.data.of} on the moved targets, asked for by ${visible(event.data.by)}`
    case 'review.recorded':
      return `${event.data.findings.join(', ')} ${event.data.what === 'carried' ? 'carried over' : event.data.what === 'replied' ? 'replied to' : event.data.what} by ${visible(event.data.by)}`
    case 'changes.requested':
      return `${event.data.findings.join(', ')} of ${event.data.of} sent to ${event.data.run} by ${visible(event.data.by)}`
    case 'seal.failed':
      return `The workspace could not be saved: ${visible(event.data.because)}`
    case 'source.compared':
      return visible(sayLook({ ...event.data, accepted: null }) ?? `Nothing of yours in ${event.data.repo} changed`)
    case 'source.accepted':
      return `${visible(event.data.by)} says that what changed was their own: ${opening(event.data.because)}`
    case 'check.finished':
      return `Check ${event.data.receipt.repo} ${visible(event.data.receipt.name)} ${sayOutcome(event.data.receipt)} in ${duration(event.data.receipt.durationMs)}`
    case 'handoff.written':
      return `Handoff ${event.data.handoff} written`
    case 'run.ended':
      return `Run ${event.data.outcome}: ${visible(event.data.because)}`
    case 'approval.granted':
      return `Approved: ${visible(sayApproval(event.data.approval))}`
    case 'waiver.granted':
      return `${event.data.waiver.code}${event.data.waiver.repo === undefined ? '' : ` of ${event.data.waiver.repo}`} waived for ${event.data.waiver.snapshot} by ${visible(event.data.waiver.by)}: ${opening(event.data.waiver.because)}`
    case 'run.rejected':
      return `Rejected by ${visible(event.data.by)}: ${opening(event.data.because)}`
    case 'merge.started':
      return `Landing (${event.data.strategy}) begun in ${count(event.data.repos.length, 'repo')}`
    case 'merge.stopped':
      return `Landing stopped${event.data.stuck ? ' half-way' : ', nothing moved'}: ${visible(event.data.because)}`
    case 'merge.published':
      return `Merged: ${sayMoves(event.data.repos, visible)}`
    case 'merge.undone':
      return `Undone by ${visible(event.data.by)}: ${sayMoves(event.data.repos, visible)}`
    case 'push.started':
      return `Push of ${event.data.snapshot} (${event.data.strategy}) to ${visible(event.data.branch)} on ${event.data.remote} begun in ${count(event.data.repos.length, 'repo')} by ${visible(event.data.by)}`
    case 'branch.pushed':
      return `${event.data.repo} pushed to ${visible(event.data.branch)} on ${event.data.remote}, ${shortId(event.data.to)}`
    case 'push.stopped':
      return `Push stopped at ${event.data.repo}: ${visible(event.data.because)}`
    case 'pull_request.opened':
      return `Pull request of ${event.data.repo}: ${visible(event.data.url)}`
    case 'merge.revert_prepared':
      return `${event.data.run} made to take the landing back, asked for by ${visible(event.data.by)}`
    default:
      return event satisfies never
  }
}

/** What somebody said may have many lines; the record of the run has all of them. Not for what may be done, and why something failed: that is told whole. */
function firstLine(text: string): string {
  const said = text.trim()
  const end = said.indexOf('\n')
  return end < 0 ? said : `${said.slice(0, end).trimEnd()} …`
}

/** A script may be long; the record of the run has all of it. */
function clip(command: string): string {
  return command.length > 80 ? `${command.slice(0, 79)}…` : command
}

function saySnapshot({ id, repos, complete }: Snapshot, done: string, minus: string): string {
  return `${id} ${done}: ${repos.map((repo) => `${repo.repo} ${size(repo, minus)}`).join(', ')}${complete ? '' : ', incomplete'}`
}

function sayMoves(repos: readonly { readonly repo: string; readonly branch: string; readonly to: string }[], visible: (untrusted: string) => string): string {
  return repos.map(({ repo, branch, to }) => `${repo} → ${visible(branch)} ${shortId(to)}`).join(', ')
}
