import type { Agent } from '@signalbox/core'
import { createProfiledAgent } from '../profile.ts'
import { converseAcp } from './converse.ts'
import type { AcpProfile } from './profile.ts'

/** Makes the agent of a profile; `name` where it goes by another one. Arguments of a run are its own, behind ours. */
export function createAcpAgent(profile: AcpProfile, name: string = profile.name): Agent {
  return createProfiledAgent({
    profile,
    name,
    validate: () => {},
    start(program, argv, launch) {
      const { args, env, files = [] } = profile.plan(launch)
      return { argv: [program, ...args, ...argv], env, files, converse: converseAcp(profile, launch) }
    },
  })
}
