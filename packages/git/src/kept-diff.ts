import { hash } from 'node:crypto'
import { join } from 'node:path'
import { repoDiffSchema } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { diff, type ChangeDiff } from './diff.ts'
import { keepFile, readKept } from './kept-file.ts'
import type { Vault } from './vault.ts'

/** The first line of a kept diff, before the sum of the rest. Another way of making diffs gets another number. */
const FORMAT = 'signalbox diff 1 '

/**
 * Returns the diff of a change from the copy beside the vault that the first look made: two ids name a diff that can
 * never change. A copy that is not what was written is made anew. For people to read; what decides reads the objects.
 */
export async function reopenDiff(vault: Vault, workDir: string, change: Change): Promise<ChangeDiff> {
  const kept = await readKept(fileOf(vault, change))
  const opened = kept === undefined ? undefined : parseKept(kept)
  if (opened !== undefined) return opened
  const made = await diff(vault, workDir, change)
  await keepDiff(vault, change, made).catch(() => undefined) // a full disk must not hide the diff
  return made
}

/** Two lines, the patch behind them. */
async function keepDiff(vault: Vault, change: Change, { files, patch }: ChangeDiff): Promise<void> {
  const rest = Buffer.from(`${JSON.stringify(files)}\n${patch}`)
  await keepFile(fileOf(vault, change), [Buffer.from(`${FORMAT}${hash('sha256', rest)}\n`), rest])
}

function parseKept(bytes: Buffer): ChangeDiff | undefined {
  const start = FORMAT.length + 65
  const rest = bytes.subarray(start)
  if (bytes.toString('latin1', 0, start) !== `${FORMAT}${hash('sha256', rest)}\n`) return undefined
  const end = rest.indexOf(0x0a)
  return { files: repoDiffSchema.shape.files.parse(JSON.parse(rest.toString('utf8', 0, end))), patch: rest.toString('utf8', end + 1) }
}

function fileOf(vault: Vault, { base, commit }: Change): string {
  return join(vault.dir, 'signalbox', 'diffs', `${base}-${commit}`)
}
