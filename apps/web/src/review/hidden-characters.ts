/**
 * Characters that show nothing, or make a reader see another order than the bytes have: controls but the tab, line
 * separators, bidirectional marks, zero-width ones, soft hyphens and tags. A change could hide behind them.
 */
// oxlint-disable-next-line no-control-regex, no-misleading-character-class -- these characters are exactly what must be seen
export const hidden = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu

/** Returns how a hidden character is spelt out: `\r`, `\u202e`. */
export function spell(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (char === '\r') return String.raw`\r`
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/**
 * Returns the places of characters in a patch that a reviewer must know about. The `\r` before a newline is not one of
 * them: files of some systems end every line with it.
 */
export function findHidden(patch: string): readonly number[] {
  const found: number[] = []
  for (const { 0: char, index } of patch.matchAll(hidden)) {
    const ordinary = char === '\n' || (char === '\r' && patch.charCodeAt(index + 1) === 0x0a)
    if (!ordinary) found.push(index)
  }
  return found
}
