import { ControlError, type Agent } from '@signalbox/core'
import { detectProgram } from '../detect.ts'
import { findProgram } from '../find-program.ts'
import { converseAcp } from './converse.ts'
import type { AcpProfile } from './profile.ts'

/** Makes the agent of a profile; `name` where it goes by another one. Arguments of a run are its own, behind ours. */
export function createAcpAgent(profile: AcpProfile, name: string = profile.name): Agent {
  const wanted = { program: profile.program, install: `Install it: npm install -g ${profile.npm}`, login: profile.login }
  return {
    name,
    summary: profile.summary,
    abilities: profile.abilities,
    detect: (env) => detectProgram(wanted, env),
    validate: () => {},
    command(argv, launch) {
      const program = findProgram(profile.program, launch.env)
      if (program === undefined) throw new ControlError('agent.not_installed', `${name} needs the program ${profile.program}, which is not on PATH`, { hint: wanted.install })
      const { args, env, files = [] } = profile.plan(launch)
      return { argv: [program, ...args, ...argv], env, files, converse: converseAcp(profile, launch) }
    },
  }
}
