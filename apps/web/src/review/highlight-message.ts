import type { Language } from './language.ts'

/** Lines to colour: one side of a stretch of a hunk. */
export interface HighlightJob {
  readonly id: string
  readonly language: Language
  readonly text: string
}

/** What the worker is to do now, most urgent first, in place of anything it was asked before and has not begun. */
export interface HighlightOrder {
  readonly jobs: readonly HighlightJob[]
}

/** Tokens of each line of a job: pairs of an end and a kind. */
export interface HighlightResult {
  readonly id: string
  readonly lines: readonly Uint16Array[]
}

/** Kinds of tokens as our themes name them; a token's number is its place here, 0 is plain. The colours are in the style sheet. */
export const tokenNames = ['plain', 'keyword', 'string', 'string-expression', 'comment', 'constant', 'function', 'parameter', 'punctuation', 'link'] as const
