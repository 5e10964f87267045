import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { runIdOf } from '../ids.ts'
import { findingsText } from '../text-finding.ts'

/** Defines `review RUN`. */
export function define(command: Command): void {
  command.description('Lists what reviewers found in a run, with the lines each is on and where they lie in the latest round. Open ones block, outdated ones too: those are open, and what they were put on is gone.').argument('<run>', 'run id, such as R0001')
  examples(command, 'signalbox review R0001', "signalbox review R0001 --json | jq -r '.findings[] | select(.state == \"open\").text'")
  command.action(
    act(async (human, id: string) => {
      const run = runIdOf(id)
      const value = await human.readFindings(run)
      const isOpen = value.findings.some(({ state }) => state === 'open' || state === 'outdated')
      return { value: { run, ...value }, text: (look) => findingsText(run, value.findings, look), note: isOpen ? `→ signalbox request-changes ${run}` : `→ signalbox gate ${run}` }
    }),
  )
}
