import { mergeStrategies } from '@signalbox/core'
import { Option } from 'commander'

const meanings = 'squash: one commit; merge: a merge commit; keep: the agent’s own commits, and one more of what is in none'

/** Returns the option that says how a round is to land; `unnamed` is what no strategy means there. */
export function strategyOption(unnamed: string): Option {
  return new Option('--strategy <strategy>', `${meanings}. ${unnamed}`).choices(mergeStrategies)
}
