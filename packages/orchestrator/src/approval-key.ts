import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { approvalText, ControlError, waiverText, type Approval, type Waiver } from '@signalbox/core'
import { readIfThere, writeDurably } from './durable-file.ts'
import type { StateLayout } from './state-layout.ts'

/** Returns the sha256 of a text as hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Seals an approval with the key of this machine's state folder, making the key at first use. The caller holds the state lock. @throws ControlError `config.invalid` where it is no key any more */
export async function sealApproval(layout: StateLayout, approval: Omit<Approval, 'seal'>): Promise<Approval> {
  return { ...approval, seal: hmac(await openKey(layout), approvalText(approval)) }
}

/** Seals a waiver with the same key, which says of itself that it is none of an approval. The caller holds the state lock. */
export async function sealWaiver(layout: StateLayout, waiver: Omit<Waiver, 'seal'>): Promise<Waiver> {
  return { ...waiver, seal: hmac(await openKey(layout), waiverText(waiver)) }
}

/** Tells whether an approval was sealed with this machine's key: nobody approves by writing or pulling a file. */
export function isGenuine(layout: StateLayout, approval: Approval): Promise<boolean> {
  return isSealed(layout, approvalText(approval), approval.seal)
}

/** Tells whether a waiver was sealed with this machine's key. */
export function isGenuineWaiver(layout: StateLayout, waiver: Waiver): Promise<boolean> {
  return isSealed(layout, waiverText(waiver), waiver.seal)
}

/** Says why the key of this machine seals nothing; undefined where it does, or where there is none yet. */
export async function findKeyDamage(layout: StateLayout): Promise<ControlError | undefined> {
  const key = await readIfThere(layout.approvalKey)
  return key === undefined || isKey(key) ? undefined : damaged(layout)
}

async function isSealed(layout: StateLayout, text: string, seal: string): Promise<boolean> {
  const key = await readIfThere(layout.approvalKey)
  if (key === undefined || !isKey(key)) return false
  const [given, expected] = [Buffer.from(seal), Buffer.from(hmac(key, text))]
  return given.length === expected.length && timingSafeEqual(given, expected)
}

async function openKey(layout: StateLayout): Promise<string> {
  const key = await readIfThere(layout.approvalKey)
  if (key === undefined) return makeKey(layout)
  if (!isKey(key)) throw damaged(layout)
  return key
}

/** As it is made, and nothing else: anybody could seal with an empty key. */
function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

function damaged({ approvalKey }: StateLayout): ControlError {
  return new ControlError('config.invalid', `${approvalKey} does not hold the key it was made with, so it seals no approval, and those it sealed do not count`, {
    hint: 'Bring that file back from a backup; else delete it, and approve and waive again: the next approval makes a new one',
  })
}

async function makeKey(layout: StateLayout): Promise<string> {
  const key = randomBytes(32).toString('hex')
  await writeDurably(layout, layout.approvalKey, key, 0o600)
  return key
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}
