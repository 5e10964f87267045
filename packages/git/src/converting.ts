import { basename } from 'node:path/posix'
import type { Oid } from '@signalbox/core'
import { readBlobs } from './blobs.ts'
import type { GitHere } from './source-ref.ts'

/** A line that makes git store other bytes than lie on disk. */
export interface Converting {
  /** File as a human finds it. */
  readonly file: string
  /** Counted from 1; 0 when the place inside the file is not known. */
  readonly line: number
  /** The setting itself, such as `filter=lfs`. */
  readonly setting: string
}

/** Attributes that change bytes between disk and object; with a leading `-` or `!` they are switched off. */
const CONVERTING = /^(text|text=.*|crlf|crlf=.*|eol=.*|ident|filter|filter=.*|working-tree-encoding=.*)$/

/** Returns the lines of a gitattributes text that convert; a macro counts where it is defined. */
export function findConverting(text: string, file: string): readonly Converting[] {
  return text.split('\n').flatMap((line, index) =>
    attributesOf(line)
      .filter((attribute) => CONVERTING.test(attribute))
      .map((setting) => ({ file, line: index + 1, setting })),
  )
}

/** Returns what follows the pattern, which may be quoted. */
function attributesOf(line: string): readonly string[] {
  const [, rest] = /^\s*(?:"(?:[^"\\]|\\.)*"|[^\s"#]\S*)\s+(.*)$/s.exec(line) ?? []
  return rest?.trim().split(/\s+/) ?? []
}

/** A gitattributes file as an object. */
export interface AttributesBlob {
  readonly path: string
  readonly oid: Oid
}

/** Tells whether a tree entry is a file that git reads attributes from; links are not followed. */
export function isAttributesFile(path: string, mode: string): boolean {
  return basename(path) === '.gitattributes' && mode.startsWith('100')
}

/** Returns the lines of these blobs that convert. */
export async function readConvertingBlobs(git: GitHere, blobs: readonly AttributesBlob[]): Promise<readonly Converting[]> {
  const converting: Converting[] = []
  for await (const [{ path }, bytes] of readBlobs(git, blobs)) converting.push(...findConverting(bytes.toString(), path))
  return converting
}
