import { size } from './amounts.ts'
import { isGreen, type Receipt } from './check.ts'
import type { Waived } from './gate-report.ts'
import type { PushedRepo } from './push.ts'
import type { Approval } from './run-event.ts'
import type { Snapshot } from './snapshot.ts'

/** What the text of a pull request is made of. */
export interface PullRequestFacts {
  readonly task: { readonly id: string; readonly title: string }
  readonly run: { readonly id: string; readonly agent: string }
  readonly round: Snapshot
  readonly approval: Pick<Approval, 'by' | 'at'>
  readonly repo: PushedRepo
  /** What its handoff says was done; undefined without one. */
  readonly what: string | undefined
  /** The receipts that count for the round. */
  readonly receipts: readonly Receipt[]
  readonly waived: readonly Waived[]
}

/** Returns title and body of a pull request. Whatever an agent may have written stands in code spans, where a forge neither mentions, links nor closes anything. */
export function writePullRequest({ task, run, round, approval, repo, what, receipts, waived }: PullRequestFacts): { readonly title: string; readonly body: string } {
  const others = round.repos.filter((other) => other.files > 0 && other.repo !== repo.repo).map((other) => other.repo)
  const parts = [
    `\`${round.id}\` by ${span(run.agent)} for ${task.id}, approved by ${span(approval.by)} at ${approval.at}.${others.length === 0 ? '' : ` It belongs together with a change of ${others.map(span).join(', ')}.`}`,
    ...(what === undefined ? [] : [section('What', [span(what)])]),
    section('Changed', round.repos.map((saved) => `- ${span(saved.repo)}: ${size(saved)}`)),
    section('Checked, on exactly this tree', receipts.length === 0 ? ['No check ran on it.'] : receipts.map((receipt) => `- ${span(receipt.repo)} ${span(receipt.name)}: ${isGreen(receipt) ? 'passed' : receipt.exitCode === null ? 'did not end by itself' : `exit ${receipt.exitCode}`} (${span(receipt.command)})`)),
    ...(waived.length === 0 ? [] : [section('Waived by a human', waived.map((one) => `- \`${one.code}\`${one.repo === undefined ? '' : ` of ${span(one.repo)}`}: ${span(one.message)}, because ${span(one.because)} (${span(one.by)})`))]),
    `The commit is \`${repo.to}\`; \`Signalbox-\` trailers in it name task, run, snapshot and approver.`,
  ]
  return { title: `${oneLine(task.title)} (${task.id})`, body: `${parts.join('\n\n')}\n` }
}

/** Characters of one untrusted text that a body quotes: forges refuse bodies that are too long. */
const quoted = 1_000

/** Returns text as one code span, whatever is in it. */
function span(text: string): string {
  const cut = `${oneLine(text.slice(0, quoted))}${text.length > quoted ? '…' : ''}`
  const longest = Math.max(0, ...[...cut.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence} ${cut === '' ? '–' : cut} ${fence}`
}

/** Text on one line without what steers a terminal or hides. A lone half of a character is none. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').trim()
}

function section(title: string, lines: readonly string[]): string {
  return `### ${title}\n\n${lines.join('\n')}`
}
