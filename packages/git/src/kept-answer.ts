import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { Change } from './change-list.ts'
import { keepFile, readKept } from './kept-file.ts'
import type { Vault } from './vault.ts'

/** What is kept beside a vault: two ids name it, so it can never change. A new form gets a new name. */
export type AnswerKind = 'changes-1' | 'reverts-2' | 'history-2' | 'diffs'

/** The first line of a kept answer, before the sum of the rest. */
const FORMAT = 'signalbox kept 1 '

/** Returns what was kept of a change; undefined when nothing was, or when it is not what was written: then it is to be made anew. */
export function readAnswer(vault: Vault, kind: AnswerKind, change: Change): Buffer | undefined {
  const bytes = readKept(fileOf(vault, kind, change))
  if (bytes === undefined) return undefined
  const start = FORMAT.length + 65
  const rest = bytes.subarray(start)
  return bytes.toString('latin1', 0, start) === headOf(rest) ? rest : undefined
}

/** Keeps an answer about a change, whole or not at all. */
export function keepAnswer(vault: Vault, kind: AnswerKind, change: Change, bytes: Buffer): Promise<void> {
  return keepFile(vault.work, fileOf(vault, kind, change), [Buffer.from(headOf(bytes)), bytes])
}

function headOf(bytes: Buffer): string {
  return `${FORMAT}${hash('sha256', bytes)}\n`
}

function fileOf(vault: Vault, kind: AnswerKind, { base, commit }: Change): string {
  return join(vault.dir, 'signalbox', kind, `${base}-${commit}`)
}
