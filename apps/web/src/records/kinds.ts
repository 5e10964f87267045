import type { FreeKind } from '@signalbox/core'

/** What pages say about one kind of record. */
export interface KindWords {
  readonly kind: FreeKind
  /** Its folder in addresses, and the plural. */
  readonly path: string
  readonly title: string
  readonly one: string
  readonly what: string
}

/** The kinds a human writes freely. */
export const kinds: readonly KindWords[] = [
  { kind: 'effort', path: 'efforts', title: 'Efforts', one: 'effort', what: 'An effort is a named stream of related tasks.' },
  { kind: 'decision', path: 'decisions', title: 'Decisions', one: 'decision', what: 'A decision is a choice that later work must respect; agents get the ones that matter in their packet.' },
  { kind: 'note', path: 'notes', title: 'Notes', one: 'note', what: 'A note is a fact worth finding again.' },
]

/** Returns the words for a kind by its folder; undefined when it is none. */
export function kindAt(path: string | undefined): KindWords | undefined {
  return kinds.find((kind) => kind.path === path)
}
