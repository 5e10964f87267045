import { ControlError, hasCode, type RepoName, type Run, type Snapshot } from '@signalbox/core'
import { isMadeHere } from './made-here.ts'
import type { Services } from './services.ts'

/**
 * Reads something out of snapshots of a run. Where that fails because one of them is lost, that is what is said, in place of git's own words.
 * @throws ControlError `snapshot.not_found`
 */
export async function readSaved<T>(services: Services, run: Run, snapshots: readonly Snapshot[], read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!hasCode(error, 'git.command_failed')) throw error
    throw (await findLost(services, run, snapshots, error)) ?? error
  }
}

/** Makes sure that a snapshot is there before something begins with its files. @throws ControlError `snapshot.not_found` */
export async function requireReadable(services: Services, run: Run, snapshot: Snapshot): Promise<void> {
  const lost = await findLost(services, run, [snapshot])
  if (lost !== undefined) throw lost
}

async function findLost({ snapshots, repoPaths, layout }: Services, run: Run, named: readonly Snapshot[], cause?: unknown): Promise<ControlError | undefined> {
  for (const { id, repos } of named) {
    for (const { repo, base, commit } of repos) {
      if (await snapshots.isReadable(await repoPaths.sourceOf(repo), base, commit)) continue
      return isMadeHere({ layout }, run) ? damaged(id, repo, cause) : elsewhere(id, run, cause)
    }
  }
  return undefined
}

function damaged(id: Snapshot['id'], repo: RepoName, cause: unknown): ControlError {
  return new ControlError('snapshot.not_found', `${id} cannot be read: objects of it are missing from the vault of ${repo}, or damaged`, { hint: 'Have it read again from the source or its workspace: signalbox doctor --fix', cause })
}

function elsewhere(id: Snapshot['id'], run: Run, cause: unknown): ControlError {
  return new ControlError('snapshot.not_found', `${id} is not on this machine: ${run.id} was made on another one, or its state folder is gone`, { hint: `See it there; its record is here: signalbox show ${run.id}`, cause })
}
