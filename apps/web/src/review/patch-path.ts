/** Returns the path a patch names: git quotes names with control characters, quotes or backslashes like C strings, bytes in octal. */
export function unquotePath(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  const bytes: number[] = []
  for (const [piece, octal, letter] of text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff)
    else if (letter !== undefined) bytes.push(...encoder.encode(escapes[letter] ?? letter))
    else bytes.push(...encoder.encode(piece))
  }
  try {
    return decoder.decode(new Uint8Array(bytes))
  } catch {
    return text // A name that is no UTF-8 cannot be written otherwise than git wrote it.
  }
}

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' }
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Returns the one path of `diff --git a/x b/x`, which has no rename and says its path nowhere else: two equal halves.
 * Undefined when they differ, for then the patch says the paths elsewhere.
 */
export function sharedPath(header: string): string | undefined {
  const quoted = /^("a\/(?:[^"\\]|\\.)*") ("b\/(?:[^"\\]|\\.)*")$/s.exec(header)
  const [from, to] = quoted === null ? halvesOf(header) : [unquotePath(quoted[1] ?? ''), unquotePath(quoted[2] ?? '')]
  return from.slice(2) === to.slice(2) ? to.slice(2) : undefined
}

/** A plain name may hold blanks, even ` b/`: only the middle splits it in two equal halves. */
function halvesOf(header: string): readonly [string, string] {
  const middle = (header.length - 1) / 2
  return [header.slice(0, middle), header.slice(middle + 1)]
}
