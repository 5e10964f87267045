/** Variables that would make a child answer for another repository, or tell it where our state lies. */
const withheld = /^(GIT_|npm_|SIGNALBOX_)/

/**
 * Returns the environment of an agent, a setup command or a check: the human's own, so that their tools and logins work,
 * without git's and npm's variables of the calling process and without ours, plus what the caller adds.
 */
export function buildChildEnvironment(inherited: Readonly<Record<string, string | undefined>>, added: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined && !withheld.test(entry[0]))
  return { ...Object.fromEntries(kept), ...added }
}
