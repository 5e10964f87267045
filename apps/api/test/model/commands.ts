import * as fc from 'fast-check'
import { collect, humanClears, humanCommit, humanEdit, humanSwitch, workspaceEdit } from './human-steps.ts'
import type { Model } from './model.ts'
import { approve, check, clean, gate, look, merge, refresh, reject, repair, restart, seal, startRun, undo, waive } from './run-steps.ts'
import type { Step } from './step.ts'
import type { ModelWorld } from './world.ts'

type Steps = Iterable<fc.AsyncCommand<Model, ModelWorld>>

/**
 * Sequences of what humans and the product do. They begin with a run, and runs and landings come up more often, for without
 * them the rest has nothing to act on; as many are long as are short.
 */
export function sequences(longest: number): fc.Arbitrary<readonly [first: Step, rest: Steps]> {
  const often = [startRun, startRun, startRun, startRun, merge, merge, merge, merge, merge, humanClears]
  const all = [...often, humanEdit, humanCommit, humanSwitch, humanClears, collect, workspaceEdit, seal, check, gate, waive, approve, undo, undo, refresh, refresh, reject, look, clean, repair, restart]
  return fc.noBias(fc.tuple(startRun, fc.commands(all, { maxCommands: longest - 1, size: 'max' })))
}
