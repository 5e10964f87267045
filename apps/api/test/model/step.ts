import * as fc from 'fast-check'
import { keepingSources, type Moves } from './invariants.ts'
import { count, latest, type Files, type Model, type RoundModel, type RunModel } from './model.ts'
import { repoNames, type ModelWorld } from './world.ts'

/** One thing that somebody does, and what must hold after it. */
export class Step implements fc.AsyncCommand<Model, ModelWorld> {
  readonly name: string
  readonly can: (model: Model) => boolean
  readonly act: (model: Model, world: ModelWorld) => Promise<void>

  constructor(name: string, act: Step['act'], can: Step['can'] = () => true) {
    this.name = name
    this.act = act
    this.can = can
  }

  check(model: Model): boolean {
    return this.can(model)
  }

  async run(model: Model, world: ModelWorld): Promise<void> {
    await this.act(model, world)
    count(model, 'steps')
  }

  toString(): string {
    return this.name
  }
}

export const repoName = fc.constantFrom(...repoNames)
/** Which run an act is about, counted from the last. */
export const which = fc.nat(2)

export function ofRun(verb: string, back: number, act: (model: Model, world: ModelWorld, run: RunModel) => Promise<Moves>): Step {
  return new Step(`${verb} ${sayRun(back)}`, async (model, world) => keepingSources(model, world, () => act(model, world, runAt(model, back))), hasRun)
}

export function sayRun(back: number): string {
  return back === 0 ? 'the last run' : `run ${back} before the last`
}

export function hasRun({ runs }: Model): boolean {
  return runs.length > 0
}

export function runAt({ runs }: Model, back: number): RunModel {
  return needed(runs[Math.max(0, runs.length - 1 - back)])
}

export function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the model lacks something it needs')
  return value
}

export function needRound(run: RunModel): RoundModel {
  return needed(latest(run))
}

export function mainOf({ repos }: Model, name: string): { readonly oid: string; readonly files: Files } {
  return needed(repos[name]).branches.main
}
