import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { ControlError, type RestoreRequest, type Restored, type Run } from '@signalbox/core'
import { diskError, syncFolder, systemCodeOf } from './durable-file.ts'
import { findSnapshot, savedFilesOf } from './find-snapshot.ts'
import type { Services } from './services.ts'

/**
 * Writes the exact bytes of a snapshot to a folder that is empty or not there yet, a folder per repo in it. All of it is written
 * beside its place first and then moved there. A folder that is there stays the same one, for somebody may stand in it.
 */
export async function restoreSnapshot(services: Services, run: Run, { round, folder }: RestoreRequest): Promise<Restored> {
  const snapshot = findSnapshot(run, round)
  const place = await findPlace(folder)
  await refuseOurs(services, place)
  const isThere = await refuseTaken(place)
  const half = join(isThere ? place : dirname(place), `.signalbox-${randomUUID()}`)
  try {
    await mkdir(half)
    for (const { repo, ...files } of savedFilesOf(run, snapshot)) await services.snapshots.writeFiles(await services.repoPaths.sourceOf(repo), files, join(half, repo))
    await (isThere ? moveInto(half, place, snapshot.repos.map(({ repo }) => repo)) : rename(half, place))
    await syncFolder(isThere ? place : dirname(place))
  } catch (error) {
    await rm(half, { recursive: true, force: true })
    // Something was put there meanwhile: a rename takes the place of an empty folder only.
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) await refuseTaken(place)
    throw systemCodeOf(error) === undefined ? error : diskError(place, error)
  }
  return { snapshot: snapshot.id, folder: place, repos: snapshot.repos.map(({ repo, missing }) => ({ repo, path: join(place, repo), missing: [...missing] })) }
}

/** Moves the folders of all repos from one folder into another, or of none. */
async function moveInto(half: string, place: string, repos: readonly string[]): Promise<void> {
  const moved: string[] = []
  try {
    for (const repo of repos) {
      await rename(join(half, repo), join(place, repo))
      moved.push(repo)
    }
    await rmdir(half)
  } catch (error) {
    for (const repo of moved) await rename(join(place, repo), join(half, repo))
    throw error
  }
}

/** Returns where a folder really is to lie, whatever links lead there. */
async function findPlace(folder: string): Promise<string> {
  if (!isAbsolute(folder)) throw new ControlError('input.invalid', `${JSON.stringify(folder)} is no absolute path`, { hint: 'Name the folder from the root on' })
  const around = await ifThere(dirname(resolve(folder)), (path) => realpath(path))
  if (around === undefined || !(await stat(around)).isDirectory()) throw new ControlError('input.invalid', `There is no folder ${dirname(resolve(folder))} to put it in`, { hint: 'Make that folder, or name another one' })
  return join(around, basename(resolve(folder)))
}

/** The memory repo and our state folder hold nothing but what belongs there. */
async function refuseOurs({ layout, memory }: Services, place: string): Promise<void> {
  for (const ours of await Promise.all([layout.root, memory.dir].map((path) => realpath(path)))) {
    if (place === ours || place.startsWith(`${ours}/`)) throw new ControlError('input.invalid', `${place} lies in ${ours}, where nothing else may lie`, { hint: 'Name a folder of your own' })
  }
}

/** Tells whether an empty folder is there; else there is nothing. */
async function refuseTaken(place: string): Promise<boolean> {
  const kind = await ifThere(place, (path) => lstat(path))
  if (kind === undefined) return false
  if (kind.isDirectory() && (await readdir(place)).length === 0) return true
  throw new ControlError('folder.taken', `${place} ${kind.isDirectory() ? 'is not empty' : 'is no folder'}; nothing was written`, { hint: 'Name a folder that is empty or not there yet' })
}

async function ifThere<T>(path: string, look: (path: string) => Promise<T>): Promise<T | undefined> {
  try {
    return await look(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined
    throw diskError(path, error)
  }
}
