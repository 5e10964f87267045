import { ControlError, isWaivable, waivableCodes, type MergeStrategy, type WaivableCode } from '@signalbox/core'
import type { Command } from 'commander'
import { act } from '../act.ts'
import { examples } from '../examples.ts'
import { repoNameOf, runIdOf } from '../ids.ts'
import { strategyOption } from '../strategy-option.ts'
import { waivedText } from '../text-gate.ts'

/** Defines `waive RUN CODE`. */
export function define(command: Command): void {
  command
    .description(`Lets what blocks under one code not block the latest round, with a reason that is kept. It covers exactly what blocks now, each by its name. Can be waived: ${waivableCodes.join(', ')}.`)
    .argument('<run>', 'run id, such as R0001')
    .argument('<code>', 'code of the blocker, such as scope_exceeded')
    .requiredOption('--because <text>', 'why it does not matter, for the record')
    .option('--repo <name>', 'only what blocks in this repo')
    .option('--check <name>', 'only what blocks about this check')
    .addOption(strategyOption('Of keep the gate may say more. Without it as it was approved'))
  examples(command, "signalbox waive R0001 scope_exceeded --because 'the lock file belongs to it'", "signalbox waive R0001 secret_found --repo api --because 'a key of the test server'", "signalbox waive R0001 checks_failed --check lint --because 'a rule we drop'")
  command.action(
    act(async (human, id: string, code: string, flags: { readonly because: string; readonly repo?: string; readonly check?: string; readonly strategy?: MergeStrategy }) => {
      const run = runIdOf(id)
      const { because, repo, check, strategy } = flags
      const value = await human.waive(run, { code: codeOf(code), because, ...(repo === undefined ? {} : { repo: repoNameOf(repo) }), ...(check === undefined ? {} : { check }), ...(strategy === undefined ? {} : { strategy }) })
      return { value, text: (look) => waivedText(value.waivers, look), note: `→ signalbox gate ${run}` }
    }),
  )
}

function codeOf(text: string): WaivableCode {
  if (isWaivable(text)) return text
  throw new ControlError('input.invalid', `${JSON.stringify(text)} cannot be waived`, { hint: `What can be is ${waivableCodes.join(', ')}; the rest has to be put right` })
}
