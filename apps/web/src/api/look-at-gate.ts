import type { GateReport, MergeStrategy, RunId } from '@signalbox/core'
import { api } from './client.ts'
import { touch } from './touch.ts'

/** What the gate said of each run and way of landing when it was last asked. */
const said = new Map<string, string>()

/** Asks the gate; where it says something else than before, what is shown of the run is old, too. */
export async function lookAtGate(run: RunId, strategy?: MergeStrategy): Promise<GateReport> {
  const report = await api.gate(run, { strategy })
  const asked = `${run} ${strategy ?? ''}`
  const now = JSON.stringify([report.verdict, report.blockers])
  const before = said.get(asked)
  said.set(asked, now)
  if (before !== undefined && before !== now) touch([['run', run]])
  return report
}
