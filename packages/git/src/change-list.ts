import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Oid } from '@signalbox/core'
import { isMissing } from './git-dir.ts'
import { parseRawDiff, type RawChange } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** A change: what lies between a base and a commit. */
export interface Change {
  readonly base: Oid
  readonly commit: Oid
}

/**
 * Returns every entry that differs, folders included, renames as a removal and an addition. Two ids name a list
 * that can never change, so it is kept beside the vault and the gate need not start git for it.
 */
export async function readChangeList(vault: Vault, { base, commit }: Change): Promise<readonly RawChange[]> {
  const file = join(vault.dir, 'signalbox', 'changes', `${base}-${commit}`)
  const kept = await readFile(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (kept !== undefined) return parseRawDiff(kept).changes
  const { stdout } = await vault.git(['diff-tree', '-r', '-t', '-z', '--raw', '--no-abbrev', '--no-renames', base, commit])
  const { changes } = parseRawDiff(stdout)
  await keep(file, stdout)
  return changes
}

/** Returns the entries that are no folders. */
export function filesOf(changes: readonly RawChange[]): readonly RawChange[] {
  return changes.flatMap(({ from, to, ...change }) => {
    const [before, after] = [from, to].map((entry) => (entry?.mode === '040000' ? undefined : entry))
    return before === undefined && after === undefined ? [] : [{ ...change, from: before, to: after }]
  })
}

async function keep(file: string, content: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const temp = `${file}.${randomUUID()}`
  await writeFile(temp, content)
  await rename(temp, file)
}
