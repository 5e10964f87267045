/** Values in one message. One costs up to some hundred bytes once it is read: 8 MiB of nothing else would cost half a gigabyte. A picture, or a file, is one. */
const mostValues = 100_000

/** Levels in one message. Whoever goes through them by calls runs out of stack in some thousands. */
const mostDepth = 500

const [quote, backslash, comma, openList, openObject, closeList, closeObject] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b, 0x5d, 0x7d] as const

/** Says what a text that may be JSON has too much of to be read, as a noun; `undefined` when it may be. It need not be JSON. */
export function findExcess(text: string): string | undefined {
  // Below that it can have neither.
  if (text.length <= mostDepth) return undefined
  let [values, depth] = [1, 0]
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at)
        break
      case comma:
        values += 1
        break
      case openList:
      case openObject:
        values += 1
        depth += 1
        break
      case closeList:
      case closeObject:
        depth -= 1
        if (isOpening(text.charCodeAt(at - 1))) values -= 1
        break
    }
    if (depth > mostDepth) return `more than ${mostDepth} levels`
    if (values > mostValues) return `more than ${mostValues} values`
  }
  return undefined
}

function isOpening(code: number): boolean {
  return code === openList || code === openObject
}

/** Returns where the string ends that begins here; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1
    if (escapes % 2 === 0) return end
  }
  return text.length
}
