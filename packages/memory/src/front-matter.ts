import { parseYamlBlock, problemAt, type Parsed, type YamlBlock } from './yaml-block.ts'

/** Bytes up to which a Markdown record is parsed; larger files are listed only. A record is prose for humans, a log is not one. */
export const MAX_RECORD_BYTES = 1024 * 1024

/** A Markdown file split at its fences. */
export interface MarkdownFile {
  readonly block: YamlBlock
  /** Where the Markdown below the closing fence begins in `block.text`. */
  readonly bodyStart: number
}

/** Splits a file into front matter and body; every byte of the input is in `block.text`, a byte order mark included. */
export function parseMarkdownFile(bytes: Uint8Array): Parsed<MarkdownFile> {
  const decoded = decodeText(bytes)
  if (decoded.kind === 'problem') return decoded
  const text = decoded.value
  const marker = findConflictMarker(text)
  if (marker !== undefined) return problemAt(text, marker, 'a merge conflict is unresolved: conflict markers')
  const fences = findFences(text)
  if (fences.kind === 'problem') return fences
  const { start, end, bodyStart } = fences.value
  const block = parseYamlBlock(text, start, end)
  return block.kind === 'problem' ? block : { kind: 'parsed', value: { block: block.value, bodyStart } }
}

/** Decodes UTF-8 so that encoding it again gives the same bytes; a problem for anything that is not plain text. */
export function decodeText(bytes: Uint8Array): Parsed<string> {
  if (bytes.length > MAX_RECORD_BYTES) return { kind: 'problem', problem: { line: null, reason: `larger than ${MAX_RECORD_BYTES / 1024 / 1024} MiB` } }
  const nul = bytes.indexOf(0)
  if (nul !== -1) return { kind: 'problem', problem: { line: lineOfByte(bytes, nul), reason: 'contains a NUL byte; this is not a text file' } }
  try {
    return { kind: 'parsed', value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    // The decoder does not say where; the replacement character of a lenient one does.
    return { kind: 'problem', problem: { line: lineOfBadByte(bytes), reason: 'not valid UTF-8' } }
  }
}

/** Returns the offset of an unresolved merge conflict (all three markers, in order), or undefined when there is none. */
export function findConflictMarker(text: string): number | undefined {
  const wanted = [/<{7}(?: |\r?\n)/y, /={7}\r?\n/y, />{7}(?: |\r?\n|$)/y]
  let start: number | undefined
  let step = 0
  for (let at = 0; at !== -1; at = nextLine(text, at)) {
    const marker = wanted[step]
    if (marker === undefined) break
    marker.lastIndex = at
    if (!marker.test(text)) continue
    if (step === 0) start = at
    step += 1
  }
  return step === wanted.length ? start : undefined
}

function nextLine(text: string, at: number): number {
  const feed = text.indexOf('\n', at)
  return feed === -1 ? -1 : feed + 1
}

/** Finds the two lines of `---`. Only line feeds end a line here: `^` and `$` of a pattern would also stop at U+2028. */
function findFences(text: string): Parsed<{ readonly start: number; readonly end: number; readonly bodyStart: number }> {
  const opening = /^\uFEFF?---[ \t]*(?:\r?\n|$)/.exec(text)
  if (opening === null) {
    const reason = /^\uFEFF?---[ \t]*\r/.test(text) ? 'lines end with a bare carriage return' : 'no front matter: the first line is not ---'
    return problemAt(text, 0, reason)
  }
  const start = opening[0].length
  const closing = /\n---[ \t]*(?:\r?\n|$)/g
  closing.lastIndex = start - 1
  const found = closing.exec(text)
  if (found === null) return problemAt(text, 0, 'the front matter is not closed by a line of ---')
  return { kind: 'parsed', value: { start, end: found.index + 1, bodyStart: found.index + found[0].length } }
}

function lineOfByte(bytes: Uint8Array, at: number): number {
  return bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1
}

function lineOfBadByte(bytes: Uint8Array): number {
  const lines = splitLines(bytes)
  const bad = lines.findIndex((line) => !Buffer.from(Buffer.from(line).toString('utf8')).equals(line))
  return bad === -1 ? 1 : bad + 1
}

function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, from)) {
    lines.push(bytes.subarray(from, at))
    from = at + 1
  }
  return [...lines, bytes.subarray(from)]
}
