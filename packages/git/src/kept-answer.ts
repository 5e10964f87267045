import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Change } from './change-list.ts'
import { isMissing } from './git-dir.ts'
import type { Vault } from './vault.ts'

/** What is kept beside a vault: two ids name it, so it can never change. A new form gets a new name. */
export type KeptKind = 'changes' | 'reverts-1'

/** Returns what was kept of a change; undefined when nothing was. */
export function readKept(vault: Vault, kind: KeptKind, change: Change): Promise<Buffer | undefined> {
  return readFile(fileOf(vault, kind, change)).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}

/** Keeps an answer about a change, whole or not at all. */
export async function keep(vault: Vault, kind: KeptKind, change: Change, bytes: Buffer | string): Promise<void> {
  const file = fileOf(vault, kind, change)
  await mkdir(dirname(file), { recursive: true })
  const temp = `${file}.${randomUUID()}`
  await writeFile(temp, bytes)
  await rename(temp, file)
}

function fileOf(vault: Vault, kind: KeptKind, { base, commit }: Change): string {
  return join(vault.dir, 'signalbox', kind, `${base}-${commit}`)
}
