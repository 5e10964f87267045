import { join } from 'node:path'
import type { Change } from './change-list.ts'
import { keepFile, readKept } from './kept-file.ts'
import type { Vault } from './vault.ts'

/** What is kept beside a vault: two ids name it, so it can never change. A new form gets a new name. */
export type AnswerKind = 'changes' | 'reverts-1'

/** Returns what was kept of a change; undefined when nothing was. */
export function readAnswer(vault: Vault, kind: AnswerKind, change: Change): Promise<Buffer | undefined> {
  return readKept(fileOf(vault, kind, change))
}

/** Keeps an answer about a change, whole or not at all. */
export function keepAnswer(vault: Vault, kind: AnswerKind, change: Change, bytes: Buffer): Promise<void> {
  return keepFile(fileOf(vault, kind, change), [bytes])
}

function fileOf(vault: Vault, kind: AnswerKind, { base, commit }: Change): string {
  return join(vault.dir, 'signalbox', kind, `${base}-${commit}`)
}
