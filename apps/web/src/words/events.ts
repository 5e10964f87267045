import type { LoggedEvent } from '@signalbox/core'
import { sayEvent as say } from '@signalbox/core/event-words'
import { isEscaped } from '@signalbox/core/words'
import { receiptStanding } from './receipts.ts'
import type { Standing, Tone } from './states.ts'
import { visible } from './untrusted.ts'

/** Returns one event of a run as a sentence for people. */
export function sayEvent(event: LoggedEvent): string {
  return say(event, visible, '−')
}

/** Returns the tone of an event: most are only steps on the way. */
export function toneOf(event: LoggedEvent): Tone {
  if ('unknown' in event) return 'warn'
  switch (event.type) {
    case 'check.finished':
      return receiptStanding(event.data.receipt).tone
    case 'setup.finished':
      return event.data.exitCode === 0 ? 'quiet' : 'bad'
    case 'run.ended':
      return outcomeTones[event.data.outcome]
    case 'merge.published':
    case 'branch.pushed':
    case 'pull_request.opened':
    case 'approval.granted':
      return 'ok'
    case 'merge.stopped':
    case 'push.stopped':
    case 'seal.failed':
    case 'run.rejected':
      return 'bad'
    case 'processes.survived':
      return event.data.processes.length === 0 ? 'quiet' : 'bad'
    case 'source.compared':
      return isEscaped([event.data]) ? 'bad' : event.data.changes.length > 0 || event.data.unread !== null ? 'warn' : 'quiet'
    case 'run.waited':
    case 'question.asked':
    case 'checkpoint.failed':
    case 'waiver.granted':
    case 'run.cancel_requested':
      return 'warn'
    case 'run.started':
    case 'round.sealed':
      return 'info'
    default:
      return 'quiet'
  }
}

const outcomeTones = { completed: 'ok', failed: 'bad', interrupted: 'bad', cancelled: 'quiet', escaped: 'bad' } as const satisfies Record<string, Standing['tone']>
