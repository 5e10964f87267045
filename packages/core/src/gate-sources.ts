import type { GateFacts, SourceFacts } from './gate-facts.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import { literally, quote } from './quote.ts'
import { parseOid } from './ids.ts'
import type { SourceChange } from './source-change.ts'
import { nameChange, sayEvidence } from './words.ts'

/** Commands a remedy gives to be pasted: more would be a list nobody reads; `data.restore` has them all. */
const pasted = 3

/** Returns what a run did to one source that is still so: with evidence it escaped, in a linked worktree it tampered. */
export function findSourceBlockers({ run }: GateFacts, { repo, foreign, path, standing, checkedOut, gone, unknown, comparable }: SourceFacts): readonly Blocker[] {
  const escaped = standing.filter(({ evidence }) => evidence !== null)
  const tampered = standing.filter(({ evidence }) => evidence === null)
  const place = { run, repo, foreign, path: path ?? '.', checkedOut, gone }
  const gap = unknown === null ? [] : [blockUnknown(place, unknown, comparable)]
  return [...gap, ...(escaped.length === 0 ? [] : [blockEscaped(place, escaped)]), ...(tampered.length === 0 ? [] : [blockTampered(place, tampered)])]
}

interface Place {
  readonly run: GateFacts['run']
  readonly repo: SourceFacts['repo']
  readonly foreign: boolean
  readonly path: string
  readonly checkedOut: SourceFacts['checkedOut']
  readonly gone: SourceFacts['gone']
}

function blockUnknown({ run, repo }: Place, because: string, comparable: boolean): Blocker {
  const own = `signalbox seal ${run} --mine 'why'`
  return block('facts_unavailable', repo, `What became of your ${repo} during ${run} is not known: ${because}`, { because, mine: true }, comparable
    ? { sentence: `Clear the cause, then let it be looked at again; if you know that all that changed there is yours, say so: ${own}`, command: `signalbox seal ${run}` }
    : { sentence: `Sealing again cannot tell it: clear the cause, or look at your ${repo} yourself, and if all that changed there is yours, say so`, command: own })
}

function blockEscaped(place: Place, escaped: readonly SourceChange[]): Blocker {
  const { run, repo, foreign, path } = place
  const restore = restoreCommands(`git -C ${quote(path)}`, escaped, place)
  const files = escaped.filter(({ what }) => what === 'file').map(({ name }) => name)
  const refs = escaped.filter(({ what }) => what !== 'file').map(nameChange)
  const takeable = !foreign && files.length > 0
  const edits = takeable ? `Take its edits into the run (signalbox seal ${run} --take-escaped), then clear your checkout (a stash keeps a copy)` : `Clear your checkout (a stash keeps a copy): ${repo} is no repo of the run, so its edits there cannot be taken into it`
  return block('run_escaped', repo, `${run} wrote beside its workspace, into your ${repo} at ${path}: ${sayEvidence(escaped)}`, { paths: files, refs, changes: escaped, restore, takeable }, {
    sentence: `${files.length === 0 ? `Put back what it moved${sayMoved(escaped.filter((change) => change.what === 'ref' && restoreRef('git', change, place) === undefined))}` : edits}${sayStaged(path, escaped)}${sayGone(place, escaped)}; if it was you, say so: signalbox seal ${run} --mine 'why'`,
    ...pastable(restore),
  })
}

function blockTampered(place: Place, tampered: readonly SourceChange[]): Blocker {
  const { run, repo, path } = place
  // Hooks that an agent installed must not run when the human puts things back.
  const restore = restoreCommands(`git -C ${quote(path)} -c core.hooksPath=/dev/null`, tampered, place)
  return block('repo_tampered', repo, `${repo} at ${path} was altered while ${run} worked in a worktree of it: ${nameUpTo5(tampered.map(sayMove))}`, { changes: tampered, restore }, {
    sentence: `Look at settings, hooks and info first and put back what you did not do, before any other git command there${sayGone(place, tampered)}; if it was you, say so: signalbox seal ${run} --mine 'why'`,
    ...pastable(restore),
  })
}

/** Where a ref has no command, what is new in it may be the human's. */
function sayMoved(refs: readonly SourceChange[]): string {
  return refs.length === 0 ? '' : ` (what is new in ${nameUpTo5(refs.map(nameChange))} may be yours, too: look at its log first)`
}

/** What was staged before something else was cannot be put back without dropping what is there now. */
function sayStaged(path: string, escaped: readonly SourceChange[]): string {
  const staged = escaped.filter(({ what, before }) => what === 'index' && before !== null)
  return staged.length === 0 ? '' : `; what is staged of ${nameUpTo5(staged.map(({ name }) => name))} was staged otherwise before: look at it with git -C ${quote(path)} diff --cached`
}

/** What git has cleared away comes back by no command. */
function sayGone({ gone }: Place, changes: readonly SourceChange[]): string {
  const lost = changes.filter((change) => isGone(gone, change))
  return lost.length === 0 ? '' : `; ${nameUpTo5(lost.map((change) => (change.what === 'stash' ? nameChange(change) : `${nameChange(change)} (${change.before?.slice(0, 10)})`)))} cannot be put back: git has cleared its commit away, and it is gone for good unless another clone has it`
}

function isGone(gone: SourceFacts['gone'], { before }: SourceChange): boolean {
  return before !== null && gone.includes(before)
}

function sayMove(change: SourceChange): string {
  const { what, before, after } = change
  const short = (id: string): string => (what === 'ref' || what === 'head' ? id.replace(/^[0-9a-f]{40,64}$/, (oid) => oid.slice(0, 10)) : '')
  if (before === null) return `${nameChange(change)} is new`
  if (after === null) return `${nameChange(change)} is gone`
  return short(before) === '' ? `${nameChange(change)} changed` : `${nameChange(change)} went from ${short(before)} to ${short(after)}`
}

/**
 * Returns the git commands that put changes back, where they cannot drop anything of the human's; the rest is left to
 * their eyes. Agents choose names and what refs stand for, so nothing goes in but object ids and quoted names.
 */
function restoreCommands(git: string, changes: readonly SourceChange[], place: Pick<Place, 'checkedOut' | 'gone'>): readonly string[] {
  // A name in git's quotes has bytes that cannot be typed.
  const files = changes.flatMap(({ what, name, after }) => (what === 'file' && after !== null && !/(?:^|\/)"/.test(name) ? [name] : []))
  const unstaged = changes.flatMap((change) => (isStagedAnew(change) ? [change.name] : []))
  return [...changes.flatMap((change) => restoreCommand(git, change, place) ?? []), ...(unstaged.length === 0 ? [] : [`${literally(git, unstaged)} restore --staged -- ${unstaged.map(quote).join(' ')}`]), ...(files.length === 0 ? [] : [`${literally(git, files)} stash push -u -- ${files.map(quote).join(' ')}`])]
}

/** Of what nothing was staged before the run staged it, the file itself has all. */
function isStagedAnew({ what, name, before, after, evidence }: SourceChange): boolean {
  return what === 'index' && evidence !== null && before === null && after !== null && !name.endsWith(' (hidden)')
}

function restoreCommand(git: string, change: SourceChange, place: Pick<Place, 'checkedOut' | 'gone'>): string | undefined {
  if (isGone(place.gone, change)) return undefined
  const before = parseOid(change.before ?? undefined)
  if (change.what === 'stash') return before === undefined ? undefined : `${git} stash store -m restored ${before}`
  if (change.what === 'ref') return restoreRef(git, change, place)
  return undefined
}

function restoreRef(git: string, { name, before, after, evidence }: SourceChange, { checkedOut }: Pick<Place, 'checkedOut'>): string | undefined {
  const [was, is] = [parseOid(before ?? undefined), parseOid(after ?? undefined)]
  if ((was === undefined && before !== null) || (is === undefined && after !== null)) return undefined
  if (checkedOut?.includes(name) !== false) return undefined // where no look says so, it may be
  // Made again only where there is none by now: that drops nothing, whoever took it away.
  if (is === undefined) return was === undefined ? undefined : `${git} update-ref ${quote(name)} ${was} ${was.replaceAll(/./g, '0')}`
  // Git refuses where it moved since; up to there, all that is new in it must be the run's.
  if (evidence?.kind !== 'commit' || evidence.alone !== true) return undefined
  return was === undefined ? `${git} update-ref -d ${quote(name)} ${is}` : `${git} update-ref ${quote(name)} ${was} ${is}`
}

function pastable(restore: readonly string[]): { readonly command?: string } {
  return restore.length === 0 ? {} : { command: restore.slice(0, pasted).join(' && ') }
}
