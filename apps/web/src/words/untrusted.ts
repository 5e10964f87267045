/**
 * Characters that show nothing, or make a reader see another order than the bytes have: controls, line separators,
 * bidirectional overrides, zero-width ones. A file name with them could pose as another.
 */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must be seen
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g

/** Returns text of agents, repositories and files with every hidden character spelt out, as in `\u202e`. */
export function visible(text: string): string {
  return text.replace(hidden, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
