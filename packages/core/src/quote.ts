/** Returns a text as one word of a POSIX shell, so that a remedy can be pasted. */
export function quote(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
