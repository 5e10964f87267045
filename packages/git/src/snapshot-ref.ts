import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Oid, RunId } from '@signalbox/core'
import { readRef } from './agent-state.ts'
import { vaultRefs } from './layout.ts'
import { clearLock } from './survivors.ts'
import type { Vault } from './vault.ts'
import { syncFolder, writeNew } from './write-synced.ts'

/**
 * Points refs of the vault at what was saved, in this order, each on disk before the next. They are written as git
 * does it, under git's own lock, but without starting one: sealing a run is waited for. A snapshot whose saving was
 * killed may have left its refs; saving it again replaces them.
 */
export async function saveRefs(vault: Vault, refs: readonly (readonly [name: string, oid: Oid])[]): Promise<void> {
  for (const [name, oid] of refs) await saveRef(vault.dir, name, oid)
}

/** Takes away the refs of snapshots that are not kept any more, one git for all; those that are gone already do not matter. */
export async function dropRefs({ dir, git }: Vault, run: RunId, numbers: readonly number[]): Promise<void> {
  const names = numbers.flatMap((number) => [vaultRefs.snapshot(run, number), vaultRefs.agentHead(run, number), vaultRefs.exact(run, number)])
  const lines = names.flatMap((name) => {
    const oid = readRef(dir, name)
    return oid === undefined ? [] : [`delete ${name} ${oid}\n`]
  })
  if (lines.length > 0) await git(['update-ref', '--stdin'], { stdin: lines.join('') })
}

/** Points one ref of a git directory, whose refs are files, at a commit. Only for refs of ours: nobody else may hold its lock. */
export async function saveRef(dir: string, name: string, oid: Oid): Promise<void> {
  const path = join(dir, name)
  const lock = `${path}.lock`
  await mkdir(dirname(path), { recursive: true })
  await clearLock(dir, lock) // nobody else writes refs of ours, and the caller holds the lock of this run
  await writeNew(lock, `${oid}\n`)
  await rename(lock, path)
  await syncFolder(dirname(path))
}
