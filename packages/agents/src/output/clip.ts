/** Characters of output, and of lines that are not known, that an event carries. The transcript has all of it. */
export const MAX_TEXT = 64 * 1024

/** Returns the text, cut where it is longer. */
export function clip(text: string, length: number = MAX_TEXT): string {
  if (text.length <= length) return text
  return `${copy(text.slice(0, length))}… (${text.length - length} more characters)`
}

/** Returns the end of the text where it is longer. */
export function clipStart(text: string, length: number): string {
  return text.length <= length ? text : copy(text.slice(-length))
}

/** A part of a text keeps all of it in memory, for as long as the part is kept. */
function copy(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le')
}
