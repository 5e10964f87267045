/** Returns bytes with NULs among them as the text somebody may have put there; not exact, for it is only searched. */
export function decodeNulText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return withoutNuls(bytes).toString()
}

/** In UTF-16 plain characters stand between NULs, which are dropped; any other NUL parts what is beside it. */
function withoutNuls(bytes: Buffer): Buffer {
  const kept = Buffer.alloc(bytes.length, ' ')
  let length = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const isBetween = bytes[at] === 0 && bytes[at - 1] !== 0 && bytes[at + 1] !== 0 && (bytes[at - 2] === 0 || bytes[at + 2] === 0)
    if (isBetween) continue
    if (bytes[at] !== 0) kept[length] = bytes[at] ?? 0
    length += 1
  }
  return kept.subarray(0, length)
}

/** Returns the numbers of lines that stand nowhere in what was there before, from 1, as ranges with both ends in them. */
export function findNewLines(before: string, after: string): readonly (readonly [from: number, to: number])[] {
  const known = new Set(before.split('\n'))
  const ranges: [number, number][] = []
  for (const [index, line] of after.split('\n').entries()) if (line !== '' && !known.has(line)) addLine(ranges, index + 1)
  return ranges
}

/** Puts the next line into ranges of lines, ascending. */
export function addLine(ranges: [number, number][], line: number): void {
  const last = ranges.at(-1)
  if (last?.[1] === line - 1) last[1] = line
  else ranges.push([line, line])
}
