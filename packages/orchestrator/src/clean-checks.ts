import { basename, join } from 'node:path'
import { codeOf, messageOf, type CleanReport } from '@signalbox/core'
import { measureDiskUse } from './disk-use.ts'
import { systemCodeOf } from './durable-file.ts'
import { lookOfOurs } from './gather-workspace.ts'
import { namesIn } from './names-in.ts'
import { findProcessesIn } from './process-tree.ts'
import { readRuns } from './read-runs.ts'
import { isOpen } from './open-run.ts'
import type { Services } from './services.ts'

type CheckFolder = CleanReport['checkFolders'][number]

/** Removes the kept check folders that no open task and no run under way would be checked in; what they hold is made anew when it is needed. */
export async function cleanCheckFolders(services: Services, dryRun: boolean): Promise<CheckFolder[]> {
  const names = await namesIn(services.layout.checksFolder)
  if (names.length === 0) return []
  const needed = await listNeeded(services)
  const folders: CheckFolder[] = []
  for (const name of names) folders.push(await cleanFolder(services, name, needed, dryRun))
  return folders
}

async function cleanFolder(services: Services, name: string, needed: Needed, dryRun: boolean): Promise<CheckFolder> {
  const path = join(services.layout.checksFolder, name)
  const folder = { repos: (name.split('@')[0] ?? '').split('+'), path, bytes: await measureDiskUse(path) }
  if (!needed.known) return { ...folder, action: 'kept', because: needed.because }
  const by = needed.folders.get(name)
  if (by !== undefined) return { ...folder, action: 'kept', because: `${by} would be checked there` }
  if (dryRun) return { ...folder, action: 'would_remove', because: 'nothing open would be checked there' }
  try {
    return await services.locks.hold(services.layout.checksLock, async (): Promise<CheckFolder> => {
      const [pid] = findProcessesIn(path, lookOfOurs(services))
      if (pid !== undefined) return { ...folder, action: 'refused', because: `process ${pid} still works there; end it, then clean again` }
      await services.workspaces.discardCheckFolder(path)
      return { ...folder, action: 'removed', because: 'nothing open would be checked there' }
    }, { waitMs: 0 })
  } catch (error) {
    if (codeOf(error) === 'state.locked') return { ...folder, action: 'kept', because: 'checks are running' }
    // One that does not go must not keep the others from going, nor hide that they went.
    if (codeOf(error) === undefined && systemCodeOf(error) === undefined) throw error
    return { ...folder, action: 'refused', because: `it could not be removed whole: ${messageOf(error)}` }
  }
}

/** By the name of each folder that is needed, for what. */
type Needed = { readonly known: true; readonly folders: ReadonlyMap<string, string> } | { readonly known: false; readonly because: string }

async function listNeeded(services: Services): Promise<Needed> {
  const [{ runs, quarantined }, tasks] = await Promise.all([readRuns(services), services.memory.list('task')])
  const [unread] = [...quarantined, ...tasks.quarantined]
  if (unread !== undefined) return { known: false, because: `${unread.path} cannot be read, so what it needs is unknown` }
  const folders = new Map<string, string>()
  for (const task of tasks.records) if (task.status !== 'done' && task.status !== 'dropped' && task.repos.length > 0) folders.set(basename(services.layout.checkFolder(task.repos)), task.id)
  for (const run of runs.filter(isOpen)) folders.set(basename(services.layout.checkFolder(run.repos.map(({ repo }) => repo), run.sandbox === undefined ? undefined : run.id)), run.id)
  return { known: true, folders }
}
