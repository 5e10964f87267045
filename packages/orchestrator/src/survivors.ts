import type { Run, RunId, Survivor } from '@signalbox/core'
import { readIfThere } from './durable-file.ts'
import { findTagged, nameProcess } from './process-tree.ts'
import { toVisible } from './redact.ts'
import type { Services } from './services.ts'

/** Records which processes of a run could not be ended, where that is not known yet, and returns the run. */
export async function recordSurvivors({ log }: Pick<Services, 'log'>, id: RunId, pids: readonly number[]): Promise<Run> {
  const run = await log.fold(id)
  if (pids.length === run.survivors.length && run.survivors.every(({ pid }) => pids.includes(pid))) return run
  return log.append(id, { type: 'processes.survived', data: { processes: pids.map((pid) => ({ pid, command: toVisible(nameProcess(pid)) })) } })
}

/** Returns those that still live. A pid may be somebody else's by now, and only processes of the run carry its tag. */
export async function findSurvivors({ layout }: Pick<Services, 'layout'>, { id, survivors }: Pick<Run, 'id' | 'survivors'>): Promise<readonly Survivor[]> {
  const tag = survivors.length === 0 ? undefined : await readIfThere(layout.run(id).tag)
  // On another machine, or once its folder is gone, nobody can tell.
  if (tag === undefined || tag === '') return []
  const living = new Set(findTagged(tag))
  return survivors.filter(({ pid }) => living.has(pid))
}
