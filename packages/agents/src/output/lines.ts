/** One line of output: its text, or, when it is longer than the bound, how it begins and how long it is. */
export type Line = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'long'; readonly head: string; readonly bytes: number }

/** Bytes of a line that are kept. A picture in a tool's answer, of which models take 5 MB, needs as many; what is kept is there three times while it is read. */
const MAX_LINE = 8 * 1024 * 1024

/** Bytes that are kept of a longer one, to show what it was. */
const HEAD = 1024

const NEWLINE = 0x0a

/**
 * Cuts output into lines, wherever its pieces are cut: it is cut as bytes, and decoded line by line. Bytes that are no
 * UTF-8 become U+FFFD. Empty lines are left out; a last line without an end counts.
 */
export async function* readLines(output: AsyncIterable<Uint8Array>, limit: number = MAX_LINE): AsyncGenerator<Line> {
  const line = createLineBuffer(limit)
  for await (const piece of output) {
    let from = 0
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      line.add(piece.subarray(from, end))
      const taken = line.take()
      if (taken !== undefined) yield taken
      from = end + 1
    }
    line.add(piece.subarray(from))
  }
  const last = line.take()
  if (last !== undefined) yield last
}

/** Holds one line while it comes in, never more of it than `limit` bytes. */
function createLineBuffer(limit: number): { add(bytes: Uint8Array): void; take(): Line | undefined } {
  let buffer = Buffer.allocUnsafe(Math.min(limit, 64 * 1024))
  let size = 0
  return {
    add(bytes) {
      const kept = Math.min(bytes.length, Math.max(0, limit - size))
      if (kept > 0 && size + kept > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.min(limit, Math.max(size + kept, buffer.length * 2)))
        buffer.copy(larger, 0, 0, size)
        buffer = larger
      }
      if (kept > 0) buffer.set(bytes.subarray(0, kept), size)
      size += bytes.length
    },
    take() {
      const bytes = size
      size = 0
      if (bytes > limit) return { kind: 'long', head: buffer.toString('utf8', 0, Math.min(HEAD, limit)), bytes }
      const text = buffer.toString('utf8', 0, bytes).replace(/\r$/, '')
      return text.trim() === '' ? undefined : { kind: 'text', text }
    },
  }
}
