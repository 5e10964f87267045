import { anyKind, type Catalog, type Pointing } from './catalog.ts'
import { changedPaths, type AnyRecord } from './index-entry.ts'
import { visibleLine } from './visible-text.ts'

/** Paths of one record that are asked about, and sentences' worth of answers. */
const MAX_PATHS = 50
const MAX_NAMED = 3

/**
 * Says what is known to have changed since a record was written; null when nothing is known. The memory knows which files
 * handoffs report as changed and which records were replaced, not the history of the repos.
 */
export async function describeFreshness(any: AnyRecord, catalog: Catalog): Promise<string | null> {
  const sentences = [findStatus(any), await findChanges(any, catalog)].filter((sentence) => sentence !== undefined)
  return sentences.length === 0 ? null : sentences.join('; ')
}

function findStatus(any: AnyRecord): string | undefined {
  if (any.kind !== 'decision' || any.record.status === 'accepted') return undefined
  return any.record.status === 'proposed' ? 'only proposed, not accepted' : `this decision was ${any.record.status}`
}

async function findChanges(any: AnyRecord, catalog: Catalog): Promise<string | undefined> {
  const paths = any.kind === 'handoff' ? changedPaths(any.record) : any.kind === 'decision' || any.kind === 'note' ? namedPaths(any.record.body) : []
  if (paths.length === 0) return undefined
  const found = await catalog.pointingAt('changed', paths.slice(0, MAX_PATHS), anyKind, 200)
  const latest = latestChanges(found.filter(({ entry }) => entry.id !== any.record.id && isLater(any, entry.at)))
  if (latest.length === 0) return undefined
  const named = latest.slice(0, MAX_NAMED).map(({ target, entry }) => `${visibleLine(target)} (${entry.id}${entry.at === null ? '' : `, ${entry.at.slice(0, 10)}`})`)
  const rest = latest.length - named.length
  return `${sentenceFor(any)} ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Returns paths a text names: words with a slash inside, or with a file extension. */
function namedPaths(text: string): readonly string[] {
  return [...new Set(text.match(/[\w@.-]+(?:\/[\w@.-]+)+|\b[\w-]+\.[A-Za-z]{1,5}\b/g) ?? [])].map((path) => path.replace(/[.-]+$/, ''))
}

/** The newest change of each path, in the order of the answer, which is newest first. */
function latestChanges(found: readonly Pointing[]): readonly Pointing[] {
  const seen = new Set<string>()
  return found.filter(({ target }) => !seen.has(target) && seen.add(target))
}

/** Instants are ISO 8601 in UTC, days are their beginning: a change on the day of a decision may have been before it. */
function isLater(any: AnyRecord, at: string | null): boolean {
  if (at === null) return false
  if (any.kind === 'handoff') return at > any.record.at
  return any.kind !== 'decision' || any.record.date === undefined || at.slice(0, 10) > any.record.date
}

function sentenceFor(any: AnyRecord): string {
  const isDated = any.kind === 'handoff' || (any.kind === 'decision' && any.record.date !== undefined)
  return isDated ? 'changed since:' : 'it has no date; files it names were changed:'
}
