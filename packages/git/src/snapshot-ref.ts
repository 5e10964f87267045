import { join } from 'node:path'
import { parseOid, type Oid } from '@signalbox/core'
import { clearLock, markWriter } from './survivors.ts'
import type { Vault } from './vault.ts'

/**
 * Points refs of the vault at what was saved, all or none, each from the value it has now. A snapshot whose saving
 * was killed may have left its refs; saving it again replaces them.
 */
export async function saveRefs(vault: Vault, refs: Readonly<Record<string, Oid>>): Promise<void> {
  const names = Object.keys(refs)
  // Nobody else works in the vault, and the caller holds the lock of this run.
  for (const name of names) await clearLock(vault.dir, join(vault.dir, `${name}.lock`))
  const { text } = await vault.git(['for-each-ref', '--format=%(objectname) %(refname)', ...names])
  const before = new Map(text.split('\n').map((line) => [line.split(' ')[1], parseOid(line.split(' ')[0])]))
  const lines = Object.entries(refs).map(([name, oid]) => `update ${name}\0${oid}\0${before.get(name) ?? '0'.repeat(oid.length)}\0`)
  await vault.git(['update-ref', '-z', '--stdin'], { stdin: lines.join(''), env: markWriter(vault.dir) })
}
