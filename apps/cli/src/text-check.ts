import { isGreen, sayOutcome, type Receipt, type RunView } from '@signalbox/core'
import type { Look } from './look.ts'
import { align } from './table.ts'
import { duration, indent } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns one line per receipt: red or green, what ran, how long; empty when there are none. */
export function receiptsText(receipts: readonly Receipt[], look: Look): string {
  return align(receipts.map((receipt) => receiptRow(receipt, look)))
}

/** Returns receipts with the last output of those that are red. */
export function receiptsWithOutput(receipts: readonly Receipt[], look: Look): string {
  const tails = receipts.map((receipt) => (isGreen(receipt) ? '' : visibleLines(receipt.outputTail.trimEnd())))
  const lines = receiptsText(receipts, look).split('\n')
  return lines.map((line, index) => [line, indent(look.ink.dim(tails[index] ?? ''), '    ')].filter((part) => part !== '').join('\n')).join('\n')
}

/** Says why the latest round of a run has no check to run: those of the repos that it changes are run, and no others. */
export function whyUnchecked({ snapshots }: Pick<RunView, 'snapshots'>): string {
  const round = snapshots.findLast(({ kind }) => kind === 'round')
  const changed = round?.repos.filter(({ files }) => files > 0).map(({ repo }) => repo) ?? []
  if (round !== undefined && changed.length === 0) return `${round.id} changes nothing, so there is nothing to check`
  return `No checks are configured for ${changed.join(', ')}. Add one: signalbox repo add … --check 'test=npm test'`
}

/** Returns one receipt: `✓ api test  green  0.4 s  npm test`. */
export function receiptText(receipt: Receipt, look: Look): string {
  return receiptRow(receipt, look).join('  ')
}

function receiptRow(receipt: Receipt, { ink }: Look): readonly string[] {
  const { repo, name, command, durationMs, voided } = receipt
  const mark = isGreen(receipt) ? ink.green('✓') : ink.red('✗')
  const outcome = `${sayOutcome(receipt)}${voided === null ? '' : `: ${visible(voided)}`}`
  return [`${mark} ${repo} ${visible(name)}`, isGreen(receipt) ? ink.green(outcome) : ink.red(outcome), duration(durationMs), ink.dim(visible(command))]
}
