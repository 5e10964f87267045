import type { RunProgram } from '@signalbox/programs'
import { createMemoryGit, readIdentity } from './memory-git.ts'
import type { Environment } from './state-folder.ts'

/** Returns who acts in a memory repo, `Name <mail>`: its git identity, else the user of this machine. `runProgram` starts git; this process itself by default. */
export async function readActor(dir: string, environment: Environment, runProgram?: RunProgram): Promise<string> {
  const { name, email } = await readIdentity(createMemoryGit(dir, environment, runProgram))
  return `${name} <${email}>`
}
