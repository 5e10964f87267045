import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { approvalText, type Approval } from '@signalbox/core'
import { readIfThere, writeDurably } from './durable-file.ts'
import type { StateLayout } from './state-layout.ts'

/** Returns the sha256 of a text as hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Seals an approval with the key of this machine's state folder, making the key at first use. The caller holds the state lock. */
export async function sealApproval(layout: StateLayout, approval: Omit<Approval, 'seal'>): Promise<Approval> {
  const key = (await readIfThere(layout.approvalKey)) ?? (await makeKey(layout))
  return { ...approval, seal: hmac(key, approval) }
}

/** Tells whether an approval was sealed with this machine's key: nobody approves by writing or pulling a file. */
export async function isGenuine(layout: StateLayout, approval: Approval): Promise<boolean> {
  const key = await readIfThere(layout.approvalKey)
  if (key === undefined) return false
  const [given, expected] = [Buffer.from(approval.seal), Buffer.from(hmac(key, approval))]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

async function makeKey(layout: StateLayout): Promise<string> {
  const key = randomBytes(32).toString('hex')
  await writeDurably(layout, layout.approvalKey, key, 0o600)
  return key
}

function hmac(key: string, approval: Omit<Approval, 'seal'>): string {
  return createHmac('sha256', key).update(approvalText(approval)).digest('hex')
}
