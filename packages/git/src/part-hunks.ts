/** A hunk of one file's part of a patch. Text holds one character per byte. */
export interface PatchHunk {
  /** How many lines of the old file stand before it. */
  readonly before: number
  /** The lines it stands in the place of, and those it puts there, each with its line end if it has one. */
  readonly old: readonly string[]
  readonly new: readonly string[]
}

/** Reads the hunks of one file's part of a patch, in order. Content begins with a blank, `+`, `-` or `\`, so that none of it can look like the head of a hunk. */
export function parseHunks(section: string): readonly PatchHunk[] {
  const [, ...hunks] = `\n${section}`.split(/\n(?=@@ -)/)
  return hunks.map((text) => {
    const [head = '', ...body] = text.replace(/\n$/, '').split('\n')
    const [, start = '', count = '1'] = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@/.exec(head) ?? []
    if (start === '') throw new TypeError(`git began a hunk in a form this version does not know: ${head.slice(0, 80)}`)
    const lines = body.flatMap((line, at) => (line.startsWith('\\') ? [] : [{ sign: line.charAt(0), text: body[at + 1]?.startsWith('\\') === true ? line.slice(1) : `${line.slice(1)}\n` }]))
    const side = (other: string): readonly string[] => lines.filter(({ sign }) => sign !== other).map((line) => line.text)
    // Of no lines, the head names the line before.
    return { before: count === '0' ? Number(start) : Number(start) - 1, old: side('+'), new: side('-') }
  })
}

/**
 * Returns the old file with some of its hunks applied: each at exactly the place the diff names, never at one that merely looks alike.
 * @throws TypeError when they are not hunks of this file
 */
export function applyHunks(old: string, hunks: readonly PatchHunk[]): string {
  const lines = old.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const parts: string[] = []
  let at = 0
  for (const hunk of hunks) {
    const end = hunk.before + hunk.old.length
    if (hunk.before < at || hunk.old.some((line, index) => lines[hunk.before + index] !== line)) throw new TypeError('a hunk does not belong to this file')
    parts.push(...lines.slice(at, hunk.before), ...hunk.new)
    at = end
  }
  return [...parts, ...lines.slice(at)].join('')
}
