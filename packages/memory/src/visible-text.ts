/**
 * Characters a terminal or an editor acts on instead of showing: control bytes but tab and line feed, marks that reverse the
 * direction of text or hide it, line separators that only some programs see, and halves of surrogate pairs.
 */
// oxlint-disable-next-line no-control-regex -- control bytes are exactly what is looked for
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Returns text from a file anybody may have written with everything that would act on a terminal spelled out, such as `\u001b`. */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(invisible, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Returns the same in one line, at most `limit` characters long: for titles, paths and snippets. */
export function visibleLine(text: string, limit = 200): string {
  const line = visibleText(text).replaceAll(/\s+/g, ' ').trim()
  return line.length <= limit ? line : `${sliceWhole(line, 0, limit - 1)}…`
}

/** Slices by UTF-16 offsets without cutting a surrogate pair in two. */
export function sliceWhole(text: string, start: number, end: number): string {
  const isInside = (at: number): boolean => at > 0 && at < text.length && /^[\udc00-\udfff]$/.test(text.charAt(at))
  return text.slice(isInside(start) ? start + 1 : start, isInside(end) ? end - 1 : end)
}
