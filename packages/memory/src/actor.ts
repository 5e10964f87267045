import { createMemoryGit, readIdentity } from './memory-git.ts'
import type { Environment } from './state-folder.ts'

/** Returns who acts in a memory repo, `Name <mail>`: its git identity, else the user of this machine. */
export async function readActor(dir: string, environment: Environment): Promise<string> {
  const { name, email } = await readIdentity(createMemoryGit(dir, environment))
  return `${name} <${email}>`
}
