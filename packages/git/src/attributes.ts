import { dirname } from 'node:path/posix'

/** A gitattributes file of a tree. Path and text hold one character per byte. */
export interface AttributesFile {
  readonly path: string
  readonly text: string
}

/** All attributes files in force, by what they win over: `weaker` loses to those of the tree, `stronger` wins over them. */
export interface AttributesFiles {
  readonly weaker: string
  readonly inTree: readonly AttributesFile[]
  readonly stronger: string
}

/** Nothing that lies in a checkout adds to what follows. */
const NOTHING_SET = '* !text !crlf !eol !ident !filter !working-tree-encoding'

/** Merge drivers are programs: none runs, whoever asks. Of filters, those run that are set beside this text. */
const NO_MERGE_DRIVERS = '* !merge\n'

/**
 * Returns one text that says the same as these files (gitattributes(5)). It is for `info/attributes`, which wins over every
 * file in a checkout: who changes one of those changes nothing.
 */
export function flattenAttributes({ weaker, inTree, stronger }: AttributesFiles): string {
  const deepestLast = inTree.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length)
  return [NOTHING_SET, weaker, ...deepestLast.map(liftToTop), stronger, NO_MERGE_DRIVERS].join('\n')
}

/** Rewrites the patterns of a file so that they mean the same when they stand at the top. */
function liftToTop({ path, text }: AttributesFile): string {
  const folder = dirname(path)
  if (folder === '.') return withoutMark(text)
  return withoutMark(text)
    .split('\n')
    .flatMap((line) => {
      const { pattern, attributes } = splitLine(line)
      return pattern === undefined || pattern.startsWith('!') || pattern.startsWith('[attr]') ? [] : [`${quotePattern(`/${escapeGlob(folder)}/${withinFolder(pattern)}`)} ${attributes.join(' ')}`]
    })
    .join('\n')
}

/** A pattern without a slash before its end is about names, at any depth. */
function withinFolder(pattern: string): string {
  const atTop = pattern.slice(0, -1).includes('/')
  return atTop ? pattern.replace(/^\//, '') : `**/${pattern}`
}

/** Splits a line into its pattern, unquoted, and what it sets; a line without a pattern is empty or a comment. */
export function splitLine(line: string): { readonly pattern: string | undefined; readonly attributes: readonly string[] } {
  const [, quoted, plain, attributes = ''] = /^[ \t\r\n]*(?:"((?:[^"\\]|\\.)*)"|([^ \t\r\n#][^ \t\r\n]*))[ \t\r\n]+(.*)$/s.exec(line) ?? []
  return { pattern: quoted === undefined ? plain : unquote(quoted), attributes: attributes.split(BLANK).filter((one) => one !== '') }
}

/** What git takes for a blank: the texts hold one character per byte, and other blanks of a language are parts of letters there. */
const BLANK = /[ \t\r\n]+/

/** Git takes a mark of byte order off the beginning of the file. */
function withoutMark(text: string): string {
  return text.replace(/^\xef\xbb\xbf/, '')
}

const LETTERS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function unquote(text: string): string {
  return text.replaceAll(/\\([0-7]{3}|.)/gs, (_, escape: string) => (escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (LETTERS[escape] ?? escape)))
}

/** Returns a path as a glob that matches nothing else. */
export function escapeGlob(path: string): string {
  return path.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)
}

/** Writes a pattern, one character per byte, so that no byte of it is special to who reads the file. */
export function quotePattern(pattern: string): string {
  const quoted = pattern.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[^\x20-\x7e]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return `"${quoted}"`
}
