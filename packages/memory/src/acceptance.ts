/** A task's text with its checklist taken apart. */
export interface SplitTask {
  readonly text: string
  /** Markdown of the checklist; empty when there is none. */
  readonly acceptance: string
}

interface Line {
  readonly text: string
  /** Inside a fence or an HTML comment, where nothing is markup. */
  readonly quoted: boolean
}

/**
 * Splits a task's body: acceptance is the section under a heading that begins with "Acceptance", else every item with a check
 * box. Read line by line: a Markdown parser needs seconds for a large task and runs out of stack on a hostile one.
 */
export function splitAcceptance(body: string): SplitTask {
  const lines = markQuoted(body.split(/\r?\n/))
  const start = lines.findIndex((line) => depthOf(line) > 0 && /^[\s#]*acceptance\b/i.test(line.text))
  const isAccepted = start === -1 ? checklistLines(lines) : sectionLines(lines, start)
  const pick = (wanted: boolean): string => lines.flatMap(({ text }, at) => (at !== start && isAccepted[at] === wanted ? [text] : [])).join('\n').trim()
  const acceptance = pick(true)
  return acceptance === '' ? { text: body, acceptance } : { text: pick(false), acceptance }
}

function markQuoted(lines: readonly string[]): readonly Line[] {
  let fence: string | undefined
  let isComment = false
  return lines.map((text) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1]
    const wasQuoted = fence !== undefined || isComment
    if (fence !== undefined) fence = mark !== undefined && mark.startsWith(fence) && text.trim() === mark ? undefined : fence
    else if (isComment) isComment = !text.includes('-->')
    else if (mark !== undefined) fence = mark
    else isComment = /<!--(?!.*-->)/.test(text)
    return { text, quoted: wasQuoted || fence !== undefined || isComment }
  })
}

/** Returns the depth of a heading, 1 to 6; 0 for any other line. */
function depthOf({ text, quoted }: Line): number {
  return quoted ? 0 : (/^ {0,3}(#{1,6})(?:\s|$)/.exec(text)?.[1]?.length ?? 0)
}

function sectionLines(lines: readonly Line[], start: number): readonly boolean[] {
  const heading = lines[start]
  const depth = heading === undefined ? 0 : depthOf(heading)
  const end = lines.findIndex((line, at) => at > start && depthOf(line) > 0 && depthOf(line) <= depth)
  return lines.map((_, at) => at > start && (end === -1 || at < end))
}

/** Items with a check box and the indented lines that belong to them. */
function checklistLines(lines: readonly Line[]): readonly boolean[] {
  let isItem = false
  return lines.map(({ text, quoted }) => {
    if (!quoted && /^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/.test(text)) isItem = true
    else if (!/^\s+\S/.test(text)) isItem = false
    return isItem
  })
}
