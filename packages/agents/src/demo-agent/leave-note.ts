import type { Assignment } from './assignment.ts'
import { commit, type Checkout } from './checkout.ts'
import { readText, writeText } from './edit.ts'

/** Name of the file the demo agent leaves in repositories it has no script for. */
const NOTE = 'SIGNALBOX-DEMO.md'

const heading = `# Left by the demo agent

Signalbox's demo agent is a script without a model. It cannot do your task; this file shows that a run really edits,
is captured, reviewed and landed. Delete it whenever you like.

`

/**
 * Adds a line about this run to a file in every checkout and returns the exit code 0. The first checkout is
 * committed, the others are left as they are, so that both kinds of work are seen in the run's diff.
 */
export function leaveNotes(checkouts: readonly Checkout[], { task, run }: Assignment, say: (line: string) => void): number {
  say(`I am a script and know only the shop of \`signalbox demo\`. For ${task} I leave a note in each repository.`)
  for (const [index, checkout] of checkouts.entries()) {
    writeText(checkout, NOTE, `${readText(checkout, NOTE) ?? heading}- ${task}, ${run}\n`)
    if (index > 0) say(`  edited ${checkout.name}/${NOTE}, not committed`)
    else say(`  edited ${checkout.name}/${NOTE}, committed as ${commit(checkout, [NOTE], `Note ${run} of ${task}`)}`)
  }
  return 0
}
