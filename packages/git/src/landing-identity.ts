import { userInfo } from 'node:os'
import type { Git } from './exec.ts'
import { gitInSource, type SourceRef } from './source-ref.ts'

/** A name and an address as they stand in a commit. */
export interface Person {
  readonly name: string
  readonly email: string
}

/** Who a commit is by, and who made it. */
export interface Identity {
  readonly author: Person
  readonly committer: Person
}

/** Returns who the human is in this repository, by their own settings; else by the name they are logged in with. */
export async function readIdentity(git: Git, source: SourceRef): Promise<Identity> {
  const { text } = await gitInSource(git, source.path)(['config', '-z', '--get-regexp', '^(user|author|committer)\\.(name|email)$'], { okExits: [0, 1] })
  const settings = new Map(text.split('\0').map((entry) => [entry.slice(0, entry.indexOf('\n')), entry.slice(entry.indexOf('\n') + 1)]))
  const user = readLogin()
  const personOf = (role: 'author' | 'committer'): Person => ({
    name: settings.get(`${role}.name`) || settings.get('user.name') || user,
    email: settings.get(`${role}.email`) || settings.get('user.email') || `${user}@localhost`,
  })
  return { author: personOf('author'), committer: personOf('committer') }
}

function readLogin(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // a container may run under a number that has no name
  }
}
