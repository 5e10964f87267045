import type { Receipt } from '@signalbox/core'
import { count } from './amounts.ts'
import type { Standing } from './states.ts'

/** Returns the last receipt of each check; the record has them all. */
export function latestReceipts(receipts: readonly Receipt[]): readonly Receipt[] {
  return [...new Map(receipts.map((receipt) => [`${receipt.repo}/${receipt.name}`, receipt])).values()]
}

/** Returns how one check went. */
export function receiptStanding({ exitCode, voided }: Pick<Receipt, 'exitCode' | 'voided'>): Standing {
  if (voided !== null) return { word: 'does not count', tone: 'warn' }
  if (exitCode === null) return { word: 'was ended', tone: 'bad' }
  return exitCode === 0 ? { word: 'passed', tone: 'ok' } : { word: `failed (exit ${exitCode})`, tone: 'bad' }
}

/** Says how the latest checks of a run went as one word; undefined when none ran. */
export function sayChecks(receipts: readonly Receipt[]): Standing | undefined {
  const latest = latestReceipts(receipts)
  if (latest.length === 0) return undefined
  const red = latest.filter((receipt) => receiptStanding(receipt).tone !== 'ok').length
  return red === 0 ? { word: `${count(latest.length, 'check')} passed`, tone: 'ok' } : { word: `${red} of ${count(latest.length, 'check')} not passed`, tone: 'bad' }
}
