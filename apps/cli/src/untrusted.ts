/**
 * Text from agents, repositories and files is shown with every character visible that could steer a terminal or
 * reorder what is read: controls (C0, DEL, C1), line separators and bidirectional overrides.
 */
// oxlint-disable-next-line no-control-regex -- control bytes are exactly what must not reach a terminal
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** Returns untrusted text for one line of a terminal: tabs and newlines are escaped too. */
export function visible(text: string): string {
  return text.replace(steering, escapeOf)
}

/** Returns untrusted text of several lines: newlines and tabs stay, everything else that steers is escaped. */
export function visibleLines(text: string): string {
  return text.replace(steering, (char) => (char === '\n' || char === '\t' ? char : escapeOf(char)))
}

/** Returns JSON with the same meaning in which nothing steers a terminal; `JSON.stringify` itself leaves C1 and bidi as they are. */
export function visibleJson(json: string): string {
  return json.replace(steering, (char) => (char === '\n' ? char : `\\u${hexOf(char).padStart(4, '0')}`))
}

function escapeOf(char: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char]
  const hex = hexOf(char)
  return named ?? (hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`)
}

function hexOf(char: string): string {
  return char.charCodeAt(0).toString(16)
}
