import { createHash } from 'node:crypto'
import { sayLeftOut, type Handoff } from '@signalbox/core'
import type { AnyRecord } from './index-entry.ts'
import { visibleLine, visibleText } from './visible-text.ts'

/** Returns the estimated cost of a text: its UTF-8 bytes / 4, rounded up. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4)
}

/** Returns the git blob id that these bytes have in a SHA-1 repository. */
export function blobOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

/** Returns at most `limit` bytes of a text, ending at a line where one ends near, with a note of what is missing and where it is. */
export function cutText(text: string, limit: number, source: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limit) return text
  const whole = new TextDecoder('utf-8').decode(bytes.subarray(0, limit), { stream: true })
  const line = whole.lastIndexOf('\n')
  const kept = (line > whole.length / 2 ? whole.slice(0, line) : whole).trimEnd()
  return `${kept}\n[cut here: ${Buffer.byteLength(kept)} of ${bytes.length} bytes are shown; the rest is in ${visibleLine(source)}]`
}

/** Returns what a packet says of a record that is background: its state in one line, then its text. */
export function backgroundText({ kind, record }: AnyRecord): string {
  switch (kind) {
    case 'handoff':
      return handoffText(record)
    case 'decision':
      return joinParts([`Status: ${record.status}${record.date === undefined ? '' : `, ${record.date}`}`, record.body])
    case 'task':
    case 'effort':
      return joinParts([`Status: ${record.status}`, record.body])
    case 'note':
      return joinParts([record.body])
    default:
      return kind satisfies never
  }
}

/** Joins parts by blank lines, without the empty ones, with invisible characters spelled out. */
export function joinParts(parts: readonly string[]): string {
  return visibleText(parts.map((part) => part.replaceAll('\r\n', '\n').replace(/^\s*\n/, '').trimEnd()).filter((part) => part !== '').join('\n\n'))
}

function handoffText({ run, at, by, what, evidence, blocker, next, body }: Handoff): string {
  const changed = evidence.changed.map(
    ({ repo, files, insertions, deletions, reason }) =>
      `- ${repo}: ${files.length === 1 ? '1 file' : `${files.length} files`}, +${insertions} −${deletions}${reason === undefined ? '' : ` (${visibleLine(reason, LINE)})`}${files.length === 0 ? '' : `: ${nameSome(files)}`}`,
  )
  const validation = evidence.validation.map(({ kind, text, repo, exitCode }) => {
    const outcome = exitCode === undefined ? '' : exitCode === null ? ' (did not end by itself)' : ` (exit ${exitCode})`
    return `- ${kind === 'fact' ? 'observed' : 'claimed'}: ${repo === undefined ? '' : `${repo}: `}${visibleLine(text, LINE)}${outcome}`
  })
  const waived = (evidence.waived ?? []).map(({ code, repo, because, by: human }) => `- ${visibleLine(code, LINE)}${repo === undefined ? '' : ` of ${repo}`}: ${visibleLine(because, LINE)} (${visibleLine(human, LINE)})`)
  const pushed = (evidence.pushed ?? []).map(({ repo, remote, branch, commit, pullRequest }) => `- ${repo}: ${visibleLine(branch, LINE)} on ${visibleLine(remote, LINE)} at ${commit}${pullRequest === undefined ? '' : `, ${visibleLine(pullRequest, LINE)}`}`)
  const claimed = evidence.claimed === undefined ? [] : [...evidence.claimed.absent.map((one) => ({ ...one, how: 'claimed, but absent' })), ...evidence.claimed.unclaimed.map((one) => ({ ...one, how: 'present, but unclaimed' }))].slice(0, 20).map(({ repo, path, how }) => `- ${how}: ${repo}/${visibleLine(path, LINE)}`)
  const leftOut = (evidence.leftOut ?? []).map(({ from, ...of }) => `- ${visibleLine(sayLeftOut(of), LINE)}, in ${visibleLine(from, LINE)}`)
  const list = (title: string, lines: readonly string[]): string => (lines.length === 0 ? '' : `${title}:\n${lines.join('\n')}`)
  return joinParts([
    `${at}, by ${by}${run === undefined ? '' : `, run ${run}`}`,
    what === '' ? '' : `What: ${what}`,
    list('Changed', changed),
    list('Validation', validation),
    list('Claims and facts', claimed),
    list('Waived', waived),
    list('Pushed', pushed),
    list('Left out', leftOut),
    blocker === null || blocker === '' ? 'Blocker: none' : `Blocker: ${blocker}`,
    `Next: ${next}`,
    body,
  ])
}

/** Files of one repo that a handoff's text names. */
const NAMED_FILES = 20

/** Characters of one entry of a list. It stays one line: a file may be called `x\n- observed: all green`, and must not become a fact. */
const LINE = 1_000

function nameSome(files: readonly string[]): string {
  const rest = files.length - NAMED_FILES
  return `${files.slice(0, NAMED_FILES).map((file) => visibleLine(file, LINE)).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
