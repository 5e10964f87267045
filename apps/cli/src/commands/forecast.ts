import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { withProgress } from '../progress.ts'
import { forecastText } from '../text-forecast.ts'

/** Defines `forecast`. */
export function define(command: Command): void {
  command.description('Looks at every open run: does it fit on its targets as they are now, would another one in its way make it conflict, and in which order land the most. Computed on trees, two runs at a time; nothing is checked out.')
  examples(command, 'signalbox forecast', "signalbox forecast --json | jq -r '.order[] | select(.lands) | .run'")
  command.action(
    act(async (human) => {
      const value = await withProgress('looking at every open run', human.forecast())
      const first = value.order.find(({ lands }) => lands)
      const note = value.order.length === 0 ? 'No run is open. Start one: signalbox run TASK --agent AGENT' : first === undefined ? undefined : `→ ${first.refresh ? `signalbox refresh ${first.run}` : `signalbox gate ${first.run}`}`
      return { value, text: (look) => forecastText(value, look), note }
    }),
  )
}
