import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseOid, type Oid } from '@signalbox/core'
import { diskErrorOf, errnoOf } from './disk-error.ts'
import { makePrivateFolder } from './state-folder.ts'

const nameIn = (state: string): string => join(state, 'own-commits')

/** Notes a commit of ours before any branch has it: so a commit that is on a branch and not noted here is somebody else's. */
export async function noteOwnCommit(state: string, oid: Oid): Promise<void> {
  const path = nameIn(makePrivateFolder(state))
  try {
    const file = await open(path, 'a', 0o600)
    try {
      // A line that a kill tore must not take the next one with it.
      await file.appendFile(`\n${oid}`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw diskErrorOf(path, error)
  }
}

/** Returns every commit that was made here for records of ours, on the branch or not. */
export async function readOwnCommits(state: string): Promise<ReadonlySet<Oid>> {
  try {
    return new Set((await readFile(nameIn(state), 'utf8')).split('\n').flatMap((line) => parseOid(line) ?? []))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return new Set()
    throw error
  }
}
