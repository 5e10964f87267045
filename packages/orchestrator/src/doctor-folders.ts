import { existsSync } from 'node:fs'
import { ControlError, type Run, type RunId } from '@signalbox/core'
import { isActive } from './active-runs.ts'
import type { DoctorLine } from './doctor-line.ts'
import { listFiles } from './gather-workspace.ts'
import { look } from './look.ts'
import { idsIn } from './names-in.ts'
import type { Services } from './services.ts'

/** What of the services this needs. */
type FolderServices = Pick<Services, 'layout'> & { readonly memory: Pick<Services['memory'], 'listRuns' | 'readRunFile'>; readonly workspaces: Pick<Services['workspaces'], 'discard' | 'hasLeftovers' | 'countTrash' | 'emptyTrash'> }

/** Looks for workspaces and folders of runs that nobody knows, and for what clean-ups left. */
export async function diagnoseFolders(services: FolderServices, runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  const recorded = await services.memory.listRuns()
  const known = new Set<string>(recorded)
  const orphans = [...new Set([...(await idsIn(services.layout.workspacesFolder)), ...(await idsIn(services.layout.runsFolder))])].filter((id) => !known.has(id))
  return [...(await Promise.all(orphans.toSorted().map((id) => toOrphan(services, id)))), ...(await Promise.all(recorded.map((id) => findLogless(services, id)))).flat(), ...findHalfRemoved(services, runs), ...findTrash(services)]
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

/** A start that failed leaves its number taken, and nothing else. */
async function findLogless({ layout, memory }: FolderServices, id: RunId): Promise<readonly DoctorLine[]> {
  if (isActive(layout, id) || existsSync(layout.run(id).events) || (await memory.readRunFile(id, 'events.jsonl')) !== undefined) return []
  if ((await memory.readRunFile(id, 'packet.md')) === undefined) return [{ code: 'run_never_began', subject: id, state: 'ok', message: 'its start failed before anything was recorded of it, and its number is not given again', remedy: null }]
  return [{ code: 'run_log_lost', subject: id, state: 'problem', message: `runs/${id} has a packet, and no log that says what became of it`, remedy: `Bring runs/${id}/events.jsonl back from the history of the memory repo` }]
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
