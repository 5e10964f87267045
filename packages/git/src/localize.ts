import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Oid } from '@signalbox/core'
import type { RawChange } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/**
 * Makes sure that the vault itself holds every object of a change. Git does not store what it can borrow: content
 * equal to a file on some branch of the source would live there only, and be lost with that branch. What the base
 * holds is kept by its pin.
 */
export async function localizeChange(vault: Vault, changes: readonly RawChange[], more: readonly Oid[]): Promise<void> {
  const oids = new Set([...changes.flatMap(({ to }) => (to === undefined || to.mode === '160000' ? [] : [to.oid])), ...more])
  const borrowed = [...oids].filter((oid) => !existsSync(join(vault.dir, 'objects', oid.slice(0, 2), oid.slice(2))))
  if (borrowed.length === 0) return
  await vault.git(['pack-objects', '-q', join(vault.dir, 'objects', 'pack', 'pack')], { stdin: borrowed.map((oid) => `${oid}\n`).join('') })
}
