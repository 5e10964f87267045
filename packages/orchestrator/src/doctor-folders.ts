import { existsSync } from 'node:fs'
import { ControlError, type Run, type RunId } from '@signalbox/core'
import { isActive } from './active-runs.ts'
import type { DoctorLine } from './doctor-line.ts'
import { listFiles } from './gather-workspace.ts'
import { look } from './look.ts'
import { idsIn } from './names-in.ts'
import type { Services } from './services.ts'

/** What of the services this needs. */
type FolderServices = Pick<Services, 'layout'> & { readonly memory: Pick<Services['memory'], 'listRuns'>; readonly workspaces: Pick<Services['workspaces'], 'discard' | 'hasLeftovers' | 'countTrash' | 'emptyTrash'> }

/** Looks for workspaces and folders of runs that nobody knows, and for what clean-ups left. */
export async function diagnoseFolders(services: FolderServices, runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  const known = new Set<string>(await services.memory.listRuns())
  const orphans = [...new Set([...(await idsIn(services.layout.workspacesFolder)), ...(await idsIn(services.layout.runsFolder))])].filter((id) => !known.has(id))
  return [...(await Promise.all(orphans.toSorted().map((id) => toOrphan(services, id)))), ...findHalfRemoved(services, runs), ...findTrash(services)]
}

async function toOrphan(services: FolderServices, id: RunId): Promise<DoctorLine> {
  const { workspace, folder } = services.layout.run(id)
  const places = [workspace, folder].filter((path) => existsSync(path)).join(' and ')
  const line = { code: 'workspace_orphaned', subject: id, state: 'warning' } as const
  const outside = await look(() => listFiles(services, id))
  if (!outside.known || outside.value.length > 0) {
    return { ...line, message: `the memory repo has no run ${id}, but ${places} ${outside.known ? 'holds files' : `cannot be read: ${outside.because}`}`, remedy: `Bring its record back with git, or look at the files and move them away yourself. What \`signalbox clean\` would do: signalbox clean --dry-run` }
  }
  return {
    ...line,
    message: `the memory repo has no run ${id}; ${places} holds no file`,
    remedy: 'signalbox doctor --fix',
    repair: async () => {
      const left = await listFiles(services, id) // again: other repairs went before, and the human took a moment
      if (left.length > 0) throw new ControlError('disk.unwritable', `${left[0] ?? ''} lies there by now, so nothing was removed`, { hint: 'Ask `signalbox doctor` again' })
      await services.workspaces.discard(id, workspace, [])
      return `removed the empty folders of ${id}`
    },
  }
}

function findHalfRemoved(services: FolderServices, runs: readonly Run[]): readonly DoctorLine[] {
  return runs
    .filter((run) => run.state.kind === 'ended' && !isActive(services.layout, run.id) && !existsSync(services.layout.run(run.id).workspace) && services.workspaces.hasLeftovers(run.id))
    .map((run) => ({ code: 'workspace_half_removed', subject: run.id, state: 'warning', message: 'its workspace is gone, and git directories and indexes of it are still here', remedy: `signalbox clean ${run.id}` }))
}

function findTrash(services: FolderServices): readonly DoctorLine[] {
  const count = services.workspaces.countTrash()
  if (count === 0) return []
  return [
    {
      code: 'trash_left',
      subject: 'trash',
      state: 'warning',
      message: `${count} folders that were taken away are not deleted yet`,
      remedy: 'signalbox clean, or signalbox doctor --fix',
      repair: async () => {
        await services.workspaces.emptyTrash()
        return 'deleted what had been taken away'
      },
    },
  ]
}
