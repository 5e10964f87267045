import { codeOf, ControlError, messageOf, type Quarantined, type Run, type RunId } from '@signalbox/core'
import type { Services } from './services.ts'

/** Reads every run there is; a log that cannot be read is named with its reason, like any other record. */
export async function readRuns(services: Services): Promise<{ readonly runs: readonly Run[]; readonly quarantined: readonly Quarantined[] }> {
  const read = await Promise.all((await services.memory.listRuns()).map((id) => readRun(services, id)))
  return {
    runs: read.flatMap((result) => (result !== undefined && 'id' in result ? [result] : [])),
    quarantined: read.flatMap((result) => (result !== undefined && 'reason' in result ? [result] : [])),
  }
}

/** Undefined for a folder whose start was killed before its first event: no run ever was. */
async function readRun(services: Services, id: RunId): Promise<Run | Quarantined | undefined> {
  try {
    return await services.log.fold(id)
  } catch (error) {
    if (codeOf(error) === 'run.not_found') return undefined
    if (codeOf(error) === 'run.log_invalid' || codeOf(error) === 'format.newer') return { path: pathIn(error) ?? `runs/${id}/events.jsonl`, line: null, reason: messageOf(error), ...remedyIn(error) }
    throw error
  }
}

function remedyIn(error: unknown): Pick<Quarantined, 'remedy'> {
  return error instanceof ControlError && error.hint !== undefined ? { remedy: error.hint } : {}
}

/** The file that could not be read, where the refusal knows: there may be two of a log. */
function pathIn(error: unknown): string | undefined {
  const path = error instanceof ControlError ? error.data?.['path'] : undefined
  return typeof path === 'string' ? path : undefined
}
