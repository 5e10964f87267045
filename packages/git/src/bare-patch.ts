import { parseOid, type Oid } from '@signalbox/core'
import { unquotePath } from './raw-diff.ts'

/** What git is asked for: hunks without lines around them, full ids, no renames, nobody's programs. */
export const barePatchOptions = ['--patch', '--unified=0', '--inter-hunk-context=0', '--full-index', '--no-renames', '--no-indent-heuristic', '--diff-algorithm=myers', '--src-prefix=a/', '--dst-prefix=b/', '--submodule=short', '--no-color', '--no-ext-diff', '--no-textconv'] as const

/** The lines of one place: those that go and those that come, with their line ends. One character per byte. */
export interface Hunk {
  readonly removed: string
  readonly added: string
}

/** One file of a patch. A side is undefined where nothing is. */
export interface BareFile {
  /** One character per byte. */
  readonly path: string
  readonly from: Oid | undefined
  readonly to: Oid | undefined
  readonly binary: boolean
  readonly hunks: readonly Hunk[]
}

/** A commit, as `--format=commit %H %s` begins it, and the patch below it. One character per byte. */
export interface BareCommit {
  readonly oid: Oid
  readonly subject: string
  readonly files: readonly BareFile[]
}

/** Reads commits and their patches. Lines of content begin with `+`, `-` or `\`, so no content can look like a header. */
export function parseBareCommits(output: string): readonly BareCommit[] {
  return sectionsOf(output, 'commit ').map((section) => {
    const [, id, subject = ''] = /^commit ([0-9a-f]+) ([^\n]*)/.exec(section) ?? []
    const oid = parseOid(id)
    if (oid === undefined) throw new TypeError(`git began a commit in a form this version does not know: ${section.slice(0, 80)}`)
    return { oid, subject, files: parseBarePatch(section) }
  })
}

/** Reads the files of one patch. */
export function parseBarePatch(patch: string): readonly BareFile[] {
  return sectionsOf(patch, 'diff --git ').map(parseFile)
}

/** Splits text where a line begins with `mark`; what stands before the first is left out. To git only LF ends a line. */
function sectionsOf(text: string, mark: string): readonly string[] {
  const [, ...sections] = `\n${text}`.split(`\n${mark}`)
  return sections.map((section) => `${mark}${section}\n`)
}

function parseFile(section: string): BareFile {
  const first = section.indexOf('\n@@ ')
  const head = first < 0 ? section : section.slice(0, first)
  const [, from, to] = /^index ([0-9a-f]+)\.\.([0-9a-f]+)/m.exec(head) ?? []
  return { path: pathIn(head), from: sideOf(from), to: sideOf(to), binary: /^(Binary files|GIT binary patch)/m.test(head), hunks: first < 0 ? [] : parseHunks(section.slice(first + 1)) }
}

/** `diff --git a/PATH b/PATH`: without renames both halves name the same path. */
function pathIn(head: string): string {
  const names = head.slice('diff --git '.length, head.indexOf('\n'))
  return unquotePath(names.slice(0, (names.length - 1) / 2)).slice('a/'.length)
}

function sideOf(text: string | undefined): Oid | undefined {
  return text === undefined || /^0+$/.test(text) ? undefined : parseOid(text)
}

function parseHunks(text: string): readonly Hunk[] {
  return sectionsOf(text, '@@ ').map((section) => {
    const sides = { '-': '', '+': '' }
    let side: '-' | '+' = '-'
    for (const line of section.split('\n').slice(1)) {
      const [mark] = line
      if (mark === '-' || mark === '+') side = mark
      // A last line without a line end is another line than one with it.
      if (mark === '-' || mark === '+' || mark === '\\') sides[side] += mark === '\\' ? '\\' : `${line.slice(1)}\n`
    }
    return { removed: sides['-'], added: sides['+'] }
  })
}
