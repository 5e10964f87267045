import { ControlError, type HumanFace } from '@signalbox/core'
import type { DemoRepos } from './demo-repos.ts'
import type { Narrator } from './narrator.ts'

/** Everything a step of the demo works with. */
export interface Scene {
  readonly human: HumanFace
  readonly repos: DemoRepos
  readonly tell: Narrator
}

/** Returns the demo's repositories by name, in the order they are told. */
export function reposOf({ repos }: Scene): readonly (readonly ['api' | 'web', string])[] {
  return [
    ['api', repos.api],
    ['web', repos.web],
  ]
}

/**
 * Ends the demo when something did not happen the way Signalbox promises.
 * @throws ControlError `internal.unexpected`
 */
export function expectThat(holds: boolean, promise: string): asserts holds {
  if (holds) return
  throw new ControlError('internal.unexpected', `The demo expects that ${promise}, and it is not so`, { hint: 'This is a bug worth reporting; the folder of the demo is left as it is' })
}
