import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Oid } from '@signalbox/core'
import { alternatesLine, quoteFolder } from './git-dir.ts'
import type { Vault } from './vault.ts'

/** Files an agent could use to make git believe in another history than its objects tell. */
const DISTRUST: Readonly<Record<string, string>> = { 'core.commitGraph': 'false', 'core.multiPackIndex': 'false' }

export interface HistoryRequest {
  /** Objects the agent works with. */
  readonly objects: string
  /** What we wrote into their `info/alternates`; undefined where they are the source's own, which the vault reads anyway. */
  readonly stores: readonly string[] | undefined
  readonly base: Oid
  readonly head: Oid
}

/**
 * Copies what `head` reaches and `base` does not into the vault, each object checked against its id. Returns false
 * when the run's objects cannot be read as they should.
 */
export async function saveHistory(vault: Vault, { objects, stores, base, head }: HistoryRequest): Promise<boolean> {
  if (stores !== undefined && !borrowsOnly(objects, stores)) return false
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

/** Says whether the agent left the list of borrowed objects as it was: git would follow it wherever it leads. */
function borrowsOnly(objects: string, stores: readonly string[]): boolean {
  try {
    const list = readFileSync(join(objects, 'info', 'alternates'), 'utf8')
    // Runs that an older version began have each in quotes.
    return [alternatesLine, (folder: string) => `${quoteFolder(folder)}\n`].some((lineOf) => list === stores.map(lineOf).join(''))
  } catch {
    return false // gone or unreadable: then what it borrows is not what we gave it
  }
}
