import { repoDiffSchema } from '@signalbox/core'
import type { Change } from './change-list.ts'
import { diff, type ChangeDiff } from './diff.ts'
import { keepAnswer, readAnswer } from './kept-answer.ts'
import type { Vault } from './vault.ts'

/**
 * Returns the diff of a change from the copy beside the vault that the first look made: two ids name a diff that can
 * never change. A copy that is not what was written is made anew. For people to read; what decides reads the objects.
 */
export async function reopenDiff(vault: Vault, workDir: string, change: Change): Promise<ChangeDiff> {
  const kept = readAnswer(vault, 'diffs', change)
  if (kept !== undefined) return parseKept(kept)
  const made = await diff(vault, workDir, change)
  await keepDiff(vault, change, made).catch(() => undefined) // a full disk must not hide the diff
  return made
}

/** A line, the patch behind it. */
function keepDiff(vault: Vault, change: Change, { files, patch }: ChangeDiff): Promise<void> {
  return keepAnswer(vault, 'diffs', change, Buffer.from(`${JSON.stringify(files)}\n${patch}`))
}

function parseKept(bytes: Buffer): ChangeDiff {
  const end = bytes.indexOf(0x0a)
  return { files: repoDiffSchema.shape.files.parse(JSON.parse(bytes.toString('utf8', 0, end))), patch: bytes.toString('utf8', end + 1) }
}
