/** One thing the palette leads to or does. */
export interface Entry {
  readonly name: string
  /** Beside the name: its key, or how it stands. */
  readonly detail: string
  readonly act: () => void
}

/** Entries shown at once. */
const most = 12

/** Returns the entries whose name has every word that was typed: those that begin with the first one come first, else their order stays. */
export function findEntries(entries: readonly Entry[], text: string): readonly Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '')
  const found = entries.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
  const [first = ''] = words
  const begins = ({ name }: Entry): boolean => name.toLowerCase().startsWith(first)
  return [...found.filter(begins), ...found.filter((entry) => !begins(entry))].slice(0, most)
}
