import type { GateFacts } from './gate-facts.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import type { ReportedPath } from './snapshot.ts'

type Round = NonNullable<GateFacts['round']>

/** Tells whether a round has all that it should have. */
export function isWhole({ complete, missing }: Round): boolean {
  return complete && missing.length === 0
}

/** Names what a round lacks. Only a whole round can show that nothing changed. */
export function findMissing(facts: GateFacts, { id, missing }: Round): Blocker {
  const paths = missing.map(({ repo, path }) => `${repo}/${path}`)
  const named = missing.map(({ repo, path, reason }) => `${repo}/${path} (${reason.replaceAll('_', ' ')})`)
  return block('snapshot_missing', undefined, `${id} is incomplete: ${named.length === 0 ? 'not everything was saved' : nameUpTo5(named)}`, { paths, missing }, remedyOf(facts, missing))
}

function remedyOf({ run, again, here, sealable }: GateFacts, missing: readonly ReportedPath[]): Blocker['remedy'] {
  const anew = `signalbox ${again}`
  if (!here) return { sentence: 'Have it settled on the machine that made it, or start a new run here', command: anew }
  if (!sealable || missing.some(({ reason }) => reason === 'workspace_lost')) return { sentence: 'Start again, with whatever is saved of it: a checkout that is gone cannot be sealed', command: anew }
  if (missing.some(isOfGitDir)) return { sentence: 'Start again, with whatever is saved of it, or repair what git keeps of that checkout beside its files and seal it again', command: anew }
  const steps = [...new Set(missing.flatMap(({ reason }) => (reason === 'workspace_lost' ? [] : [stepOf[reason]])))]
  return { sentence: `In the workspace: ${[...steps, 'seal it again'].join('; then ')}`, command: `signalbox seal ${run}` }
}

/** What is done in the workspace about a thing that could not be saved. */
const stepOf: Readonly<Record<Exclude<ReportedPath['reason'], 'workspace_lost'>, string>> = {
  nested_repository: 'move the repository inside out of it, or delete that there',
  unreadable: 'make readable what cannot be read, or delete it',
  submodule_changed: 'make the folder of the submodule empty again',
  submodule_filled: 'make the folder of the submodule empty again',
  converting_attributes: 'put the attributes back, or write the files as git would store them by those',
  not_convertible: 'write the file in the encoding that its attributes name',
  filter_failed: 'let the filter program of the file run, and clear why it fails',
  content_missing: 'bring the content that the pointer stands for to this machine, or put the file itself in its place',
  conflict_unsettled: 'settle what conflicts until no mark is left; of what is right as it lies, `git add` or `git rm` there says so',
  name_refused: 'rename what git stores no file by',
}

/** The git directory of a checkout lies beside its files: there is nothing in the workspace to mend. */
export function isOfGitDir({ path, reason }: ReportedPath): boolean {
  return reason === 'unreadable' && path.startsWith('.git/')
}
