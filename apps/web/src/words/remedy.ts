/** A next action: a sentence, and the command in it where it names one. */
export interface Remedy {
  readonly sentence: string
  readonly command: string | undefined
}

/** Takes a hint such as "See why: prog show R0001" or "Run `prog doctor` first" apart, so that its command can be copied. */
export function remedyOf(hint: string, program: string): Remedy {
  const quoted = /`([^`]+)`/.exec(hint)
  if (quoted !== null) {
    const [whole, command] = quoted
    // At the end it stands there as the command; in the middle the sentence needs it.
    return { sentence: hint.endsWith(whole) ? hint.slice(0, -whole.length).trim() : hint.replaceAll('`', ''), command }
  }
  const at = hint.indexOf(`: ${program} `)
  if (at >= 0) return { sentence: hint.slice(0, at), command: hint.slice(at + 2) }
  return hint.startsWith(`${program} `) ? { sentence: 'Run', command: hint } : { sentence: hint, command: undefined }
}
