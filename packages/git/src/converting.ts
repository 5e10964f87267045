import { splitLine } from './attributes.ts'

/** A line that makes git store other bytes than lie on disk. */
export interface Converting {
  /** File as a human finds it. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** The setting itself, such as `filter=lfs`. */
  readonly setting: string
}

/** Attributes that change bytes between disk and object; with a leading `-` or `!` they are switched off. */
const CONVERTING = /^(text|text=.*|crlf|crlf=.*|eol=.*|ident|filter|filter=.*|working-tree-encoding=.*)$/

/** Returns the lines of a gitattributes text that convert; a macro counts where it is defined. */
export function findConverting(text: string, file: string): readonly Converting[] {
  return text.split('\n').flatMap((line, index) =>
    splitLine(line)
      .attributes.filter((attribute) => CONVERTING.test(attribute))
      .map((setting) => ({ file, line: index + 1, setting })),
  )
}
