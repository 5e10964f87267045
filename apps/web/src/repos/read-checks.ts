/** Reads checks written one a line as `name=command`; a line without a name gets an empty one, which the server refuses in words. */
export function readChecks(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.trim())
  return Object.fromEntries(
    lines.filter((line) => line !== '').map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? ['', line] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    }),
  )
}
