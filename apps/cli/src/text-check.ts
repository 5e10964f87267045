import { isGreen, type Receipt } from '@signalbox/core'
import type { Look } from './look.ts'
import { duration, indent } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns one line per receipt: red or green, what ran, how long; empty when there are none. */
export function receiptsText(receipts: readonly Receipt[], look: Look): string {
  return receipts.map((receipt) => receiptText(receipt, look)).join('\n')
}

/** Returns receipts with the last output of those that are red. */
export function receiptsWithOutput(receipts: readonly Receipt[], look: Look): string {
  return receipts
    .map((receipt) => {
      const tail = isGreen(receipt) ? '' : visibleLines(receipt.outputTail.trimEnd())
      return tail === '' ? receiptText(receipt, look) : `${receiptText(receipt, look)}\n${indent(look.ink.dim(tail), '    ')}`
    })
    .join('\n')
}

/** Returns one receipt: `✓ api test  0.4 s  npm test`. */
export function receiptText(receipt: Receipt, { ink }: Look): string {
  const { repo, name, command, exitCode, durationMs, voided } = receipt
  const mark = isGreen(receipt) ? ink.green('✓') : ink.red('✗')
  const outcome = voided !== null ? `does not count: ${visible(voided)}` : exitCode === null ? 'was ended' : exitCode === 0 ? '' : `exit ${exitCode}`
  return [`${mark} ${repo} ${visible(name)}`, outcome === '' ? '' : ink.red(outcome), duration(durationMs), ink.dim(visible(command))].filter((part) => part !== '').join('  ')
}
