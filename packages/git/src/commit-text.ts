import { parseOid, type Oid } from '@signalbox/core'

/** Somebody, and when, as a commit says it; `at` is ISO 8601 UTC. */
interface Signature {
  readonly name: string
  readonly email: string
  readonly at: string
}

/** What a commit says of itself. Whose names it gives, and when, is whoever's wrote it. */
export interface CommitText {
  readonly tree: Oid
  readonly parents: readonly Oid[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
}

/** Seconds since 1970 beyond which a date has a year of five digits. */
const LAST_SECOND = 253_402_300_799

const PERSON = /^([^<>\n]*) <([^<>\n]*)> (\d{1,12}) [+-]\d{4}$/

/**
 * Reads a commit as git stores it. Only the plainest form is taken: what lands has to be what a reviewer was shown, whole. A clause says what it has beyond that.
 */
export function parseCommit(bytes: Buffer): CommitText | string {
  const text = decode(bytes)
  if (text === undefined) return 'its text is not UTF-8'
  if (text.includes('\0')) return 'it has a NUL in its text'
  const end = text.indexOf('\n\n')
  if (end < 0) return 'it has no message'
  const lines = text.slice(0, end).split('\n').map((line) => /^([a-z0-9-]+) (.*)$/s.exec(line) ?? [])
  const names = lines.map(([, name]) => name)
  const values = (name: string): readonly string[] => lines.flatMap(([, key, value = '']) => (key === name ? [value] : []))
  const parents = values('parent')
  const other = names.find((name) => name === undefined || !['tree', 'parent', 'author', 'committer'].includes(name))
  if (other !== undefined) return `it has a header of its own, ${other}`
  if (names.join(' ') !== ['tree', ...parents.map(() => 'parent'), 'author', 'committer'].join(' ')) return 'its headers are not in order'
  const ids = [...values('tree'), ...parents].map((id) => parseOid(id))
  const [tree, ...above] = ids.flatMap((id) => id ?? [])
  const [author, committer] = [...values('author'), ...values('committer')].map(parsePerson)
  if (tree === undefined || above.length !== parents.length || author === undefined || committer === undefined) return 'its headers do not say what they should'
  const message = text.slice(end + 2)
  // A reader could take them for ours. Git lets blanks stand before the colon.
  if (/^signalbox-[a-z-]+[^\S\n]*:/im.test(message)) return 'its message has a trailer of Signalbox, which only a landing writes'
  return { tree, parents: above, author, committer, message }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function parsePerson(text: string): Signature | undefined {
  const [, name = '', email = '', seconds = ''] = PERSON.exec(text) ?? []
  if (seconds === '' || Number(seconds) > LAST_SECOND) return undefined
  return { name, email, at: new Date(Number(seconds) * 1_000).toISOString() }
}

/** Returns the first line of a message that is not empty, as git takes it for the subject. */
export function subjectOf(message: string): string {
  return message.split('\n').find((line) => line.trim() !== '')?.trim() ?? ''
}
