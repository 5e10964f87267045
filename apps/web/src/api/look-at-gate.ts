import type { GateReport, RunId } from '@signalbox/core'
import { api } from './client.ts'
import { touch } from './touch.ts'

/** What the gate said of each run when it was last asked. */
const said = new Map<RunId, string>()

/** Asks the gate; where it says something else than before, what is shown of the run is old, too. */
export async function lookAtGate(run: RunId): Promise<GateReport> {
  const report = await api.gate(run)
  const now = JSON.stringify([report.verdict, report.blockers])
  const before = said.get(run)
  said.set(run, now)
  if (before !== undefined && before !== now) touch([['run', run]])
  return report
}
