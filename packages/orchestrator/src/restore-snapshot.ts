import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { ControlError, type RestoreRequest, type Restored, type Run } from '@signalbox/core'
import { diskError, syncFolder, systemCodeOf } from './durable-file.ts'
import { findSnapshot } from './find-snapshot.ts'
import type { Services } from './services.ts'

/**
 * Writes the exact bytes of a snapshot to a folder that is empty or not there yet, a folder per repo in it. All of it is written
 * beside that place first and moved there by one rename: whoever looks finds nothing or everything.
 */
export async function restoreSnapshot(services: Services, run: Run, { round, folder }: RestoreRequest): Promise<Restored> {
  const snapshot = findSnapshot(run, round)
  const place = resolve(folder)
  refuseOurs(services, folder, place)
  await refuseTaken(place)
  const half = join(dirname(place), `.${basename(place)}.signalbox-${randomUUID()}`)
  try {
    await mkdir(half)
    for (const { repo, commit, exactTree } of snapshot.repos) await services.snapshots.writeFiles(await services.repoPaths.sourceOf(repo), { commit, exactTree }, join(half, repo))
    await rename(half, place)
    await syncFolder(dirname(place))
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    // Something was put there meanwhile: a rename takes the place of an empty folder only.
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) await refuseTaken(place)
    throw systemCodeOf(error) === undefined ? error : diskError(place, error)
  }
  return { snapshot: snapshot.id, folder: place, repos: snapshot.repos.map(({ repo, missing }) => ({ repo, path: join(place, repo), missing: [...missing] })) }
}

/** Our own folders hold nothing that was not put there by us. */
function refuseOurs({ layout }: Services, folder: string, place: string): void {
  if (!isAbsolute(folder)) throw new ControlError('input.invalid', `${JSON.stringify(folder)} is no absolute path`, { hint: 'Name the folder from the root on' })
  if (place === layout.root || place.startsWith(`${layout.root}/`)) throw new ControlError('input.invalid', `${place} lies in the state folder of Signalbox`, { hint: 'Name a folder of your own' })
}

async function refuseTaken(place: string): Promise<void> {
  const kind = await ifThere(() => lstat(place))
  if (kind === undefined) {
    if ((await ifThere(() => lstat(dirname(place)))) !== undefined) return
    throw new ControlError('input.invalid', `There is no folder ${dirname(place)} to put it in`, { hint: 'Make that folder, or name another one' })
  }
  if (kind.isDirectory() && (await readdir(place)).length === 0) return
  throw new ControlError('folder.taken', `${place} ${kind.isDirectory() ? 'is not empty' : 'is no folder'}; nothing was written`, { hint: 'Name a folder that is empty or not there yet' })
}

async function ifThere<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
