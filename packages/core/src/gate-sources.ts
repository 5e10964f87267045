import type { GateFacts, SourceFacts } from './gate-facts.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import { quote } from './gate-target.ts'
import type { SourceChange } from './source-change.ts'
import { nameChange, sayEvidence } from './words.ts'

/** Commands a remedy gives to be pasted: more would be a list nobody reads; `data.restore` has them all. */
const pasted = 3

/** Returns what a run did to one source that is still so: with evidence it escaped, in a linked worktree it tampered. */
export function findSourceBlockers({ run }: GateFacts, { repo, path, standing, unknown }: SourceFacts): readonly Blocker[] {
  const escaped = standing.filter(({ evidence }) => evidence !== null)
  const tampered = standing.filter(({ evidence }) => evidence === null)
  const place = { run, repo, path: path ?? '.' }
  const gap = unknown === null ? [] : [block('facts_unavailable', repo, `What became of your ${repo} during ${run} is not known: ${unknown}`, { because: unknown }, { sentence: 'Clear the cause, then let it be looked at again', command: `signalbox seal ${run}` })]
  return [...gap, ...(escaped.length === 0 ? [] : [blockEscaped(place, escaped)]), ...(tampered.length === 0 ? [] : [blockTampered(place, tampered)])]
}

interface Place {
  readonly run: GateFacts['run']
  readonly repo: SourceFacts['repo']
  readonly path: string
}

function blockEscaped({ run, repo, path }: Place, escaped: readonly SourceChange[]): Blocker {
  const restore = restoreCommands(`git -C ${quote(path)}`, escaped)
  const files = escaped.filter(({ what }) => what === 'file').map(({ name }) => name)
  const refs = escaped.filter(({ what }) => what !== 'file').map(nameChange)
  return block('run_escaped', repo, `${run} wrote beside its workspace, into your ${repo} at ${path}: ${sayEvidence(escaped)}`, { paths: files, refs, changes: escaped, restore }, {
    sentence: `${files.length === 0 ? 'Put back what it moved' : `Take its edits into the run (signalbox seal ${run} --take-escaped), then clear your checkout (a stash keeps a copy)`}; if it was you, say so: signalbox seal ${run} --mine 'why'`,
    ...pastable(restore),
  })
}

function blockTampered({ run, repo, path }: Place, tampered: readonly SourceChange[]): Blocker {
  // Hooks that an agent installed must not run when the human puts things back.
  const restore = restoreCommands(`git -C ${quote(path)} -c core.hooksPath=/dev/null`, tampered)
  return block('repo_tampered', repo, `${repo} at ${path} was altered while ${run} worked in a worktree of it: ${nameUpTo5(tampered.map(sayMove))}`, { changes: tampered, restore }, {
    sentence: `Look at settings, hooks and info first and put back what you did not do, before any other git command there; if it was you, say so: signalbox seal ${run} --mine 'why'`,
    ...pastable(restore),
  })
}

function sayMove(change: SourceChange): string {
  const { what, before, after } = change
  const short = (id: string): string => (what === 'ref' || what === 'head' ? id.replace(/^[0-9a-f]{40,64}$/, (oid) => oid.slice(0, 10)) : '')
  if (before === null) return `${nameChange(change)} is new`
  if (after === null) return `${nameChange(change)} is gone`
  return short(before) === '' ? `${nameChange(change)} changed` : `${nameChange(change)} went from ${short(before)} to ${short(after)}`
}

/** Returns the git commands that put changes back; what has no such command is left to the human's eyes. */
function restoreCommands(git: string, changes: readonly SourceChange[]): readonly string[] {
  const files = changes.filter(({ what, after }) => what === 'file' && after !== null).map(({ name }) => quote(name))
  return [...changes.flatMap((change) => restoreCommand(git, change) ?? []), ...(files.length === 0 ? [] : [`${git} stash push -u -- ${files.join(' ')}`])]
}

function restoreCommand(git: string, { what, name, before, after }: SourceChange): string | undefined {
  switch (what) {
    case 'ref':
      if (before === null) return `${git} update-ref -d ${quote(name)} ${after ?? ''}`
      return `${git} update-ref ${quote(name)} ${before}${after === null ? '' : ` ${after}`}`
    case 'stash':
      return before === null ? undefined : `${git} stash store -m restored ${before}`
    case 'head':
    case 'index':
    case 'config':
    case 'hook':
    case 'info':
    case 'file':
      return undefined
    default:
      return what satisfies never
  }
}

function pastable(restore: readonly string[]): { readonly command?: string } {
  return restore.length === 0 ? {} : { command: restore.slice(0, pasted).join(' && ') }
}
