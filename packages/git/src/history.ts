import type { Oid } from '@signalbox/core'
import { borrowsOnly } from './borrowed.ts'
import { quoteFolder } from './git-dir.ts'
import type { Vault } from './vault.ts'

/** Files an agent could use to make git believe in another history than its objects tell. */
const DISTRUST: Readonly<Record<string, string>> = { 'core.commitGraph': 'false', 'core.multiPackIndex': 'false' }

export interface HistoryRequest {
  /** Objects the agent works with. */
  readonly objects: string
  /** Whether they are the source's own, which the vault reads anyway. */
  readonly linked: boolean
  readonly base: Oid
  readonly head: Oid
}

/**
 * Copies what `head` reaches and `base` does not into the vault, each object checked against its id. Returns false
 * when the run's objects cannot be read as they should.
 */
export async function saveHistory(vault: Vault, { objects, linked, base, head }: HistoryRequest): Promise<boolean> {
  if (!linked && !borrowsOnly(vault, objects)) return false
  // Our git directory, their objects: their settings, hooks, refs and replacements stay out of it.
  const packed = await vault.git(['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '--no-use-bitmap-index', '-q'], {
    stdin: `${head}\n^${base}\n`,
    env: { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoteFolder(objects) },
    config: DISTRUST,
    okExits: [0, 128], // 128: something of it is not there
  })
  if (packed.exitCode !== 0) return false
  // Exit 1 says that the pack leans on objects outside it, as it should; 128 that even those are not there.
  const indexed = await vault.git(['index-pack', '--stdin', '--fix-thin', '--check-self-contained-and-connected'], { stdin: packed.stdout, okExits: [0, 1, 128] })
  return indexed.exitCode !== 128
}
