/** Lines that a file's part of a patch adds and takes away; null for binary content. */
export interface PatchLines {
  readonly insertions: number | null
  readonly deletions: number | null
}

const HEADER = Buffer.from('\ndiff --git ')
const HUNK = Buffer.from('\n@@ ')
const BINARY = Buffer.from('\nGIT binary patch\n')

/** Splits a patch into the parts of its files. Lines of content begin with a space, `+`, `-` or `\`, so no content can look like a header. */
export function splitPatch(patch: Buffer): readonly Buffer[] {
  const sections: Buffer[] = []
  for (let start = 0; start < patch.length; ) {
    const next = patch.indexOf(HEADER, start)
    const end = next < 0 ? patch.length : next + 1
    sections.push(patch.subarray(start, end))
    start = end
  }
  return sections
}

/** Counts the lines of one file's part of a patch by bytes. */
export function countPatch(section: Buffer): PatchLines {
  const firstHunk = section.indexOf(HUNK)
  if (firstHunk < 0) return section.includes(BINARY) ? { insertions: null, deletions: null } : { insertions: 0, deletions: 0 }
  let insertions = 0
  let deletions = 0
  for (let at = firstHunk + 1; at > 0 && at < section.length; at = section.indexOf(0x0a, at) + 1) {
    if (section[at] === 0x2b) insertions += 1
    else if (section[at] === 0x2d) deletions += 1
  }
  return { insertions, deletions }
}
