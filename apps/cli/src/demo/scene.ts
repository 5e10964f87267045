import { ControlError, type HumanFace } from '@signalbox/core'
import type { DemoRepos } from './demo-repos.ts'
import type { Narrator } from './narrator.ts'

/** Everything a step of the demo works with. */
export interface Scene {
  readonly face: HumanFace
  readonly repos: DemoRepos
  readonly tell: Narrator
}

/** The demo's repositories by name, in the order they are told. */
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
  throw new ControlError('internal.unexpected', `The demo expected that ${promise}, and it is not so`, { hint: 'This is a bug of Signalbox worth reporting; the demo folder is left as it is' })
}
