/** Returns `text` as lower-case ASCII words joined by `-`, at most `length` characters, cut between words where there is one; may be empty. */
export function slugOf(text: string, length = 60): string {
  const words = text.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '').replaceAll('ß', 'ss').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '')
  if (words.length <= length) return words
  const cut = words.lastIndexOf('-', length)
  return words.slice(0, cut > length / 2 ? cut : length).replace(/-+$/, '')
}
