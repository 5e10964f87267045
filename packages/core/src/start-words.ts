import { quote } from './quote.ts'
import { isOfGitDir } from './gate-missing.ts'
import { keptSnapshots, type Run } from './run.ts'
import type { Snapshot } from './snapshot.ts'

/** Characters of a command that are repeated in a line that others stand in. */
const maxLength = 100

/**
 * Returns the words, for `signalbox`, that start a run like this one; `flags` are those of the new one. Of an agent that is a command they hold it,
 * unless it is long: then there is a placeholder, for without any such words are refused.
 */
export function startWords({ task, agent, argv }: Pick<Run, 'task' | 'agent' | 'argv'>, flags = ''): string {
  const start = `run ${task} --agent ${agent}${flags === '' ? '' : ` ${flags}`}`
  if (argv.length === 0) return start
  const command = argv.map(quote).join(' ')
  return `${start} -- ${command.length > maxLength || /[\r\n]/.test(command) ? 'COMMAND' : command}`
}

/** Returns the words that begin a run like this one anew: with its last snapshot that has all its files, where one is kept, else with what this one began with. */
export function startAgainWords(run: Pick<Run, 'task' | 'agent' | 'argv' | 'from' | 'snapshots' | 'saved' | 'takesBack'>): string {
  // No agent works in one that takes a landing back: it is made again.
  if (run.takesBack !== undefined) return `undo ${run.takesBack.run} --as-run`
  const from = keptSnapshots(run).findLast(hasAllFiles)?.id ?? run.from
  return startWords(run, from === undefined ? '' : `--from ${from}`)
}

function hasAllFiles({ complete, repos }: Snapshot): boolean {
  const missing = repos.flatMap((repo) => repo.missing)
  return complete || (missing.length > 0 && missing.every(isOfGitDir))
}
