import type { Receipt } from '@signalbox/core'
import { sayOutcome } from '@signalbox/core/words'
import { count } from './amounts.ts'
import type { Standing } from './states.ts'

/** Returns the last receipt of each check; the record has them all. */
export function latestReceipts(receipts: readonly Receipt[]): readonly Receipt[] {
  return [...new Map(receipts.map((receipt) => [`${receipt.repo}/${receipt.name}`, receipt])).values()]
}

/** Returns how one check went. */
export function receiptStanding(receipt: Pick<Receipt, 'exitCode' | 'voided'>): Standing {
  return { word: sayOutcome(receipt), tone: receipt.voided !== null ? 'warn' : receipt.exitCode === 0 ? 'ok' : 'bad' }
}

/** Says how the latest checks of a run went as one word; undefined when none ran. */
export function sayChecks(receipts: readonly Receipt[]): Standing | undefined {
  const latest = latestReceipts(receipts)
  if (latest.length === 0) return undefined
  const red = latest.filter((receipt) => receiptStanding(receipt).tone !== 'ok').length
  return red === 0 ? { word: `${count(latest.length, 'check')} passed`, tone: 'ok' } : { word: `${red} of ${count(latest.length, 'check')} not passed`, tone: 'bad' }
}
