/** Returns a text as one word of a POSIX shell, so that a remedy can be pasted. */
export function quote(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Returns the start of a git command that takes these paths for what they are: a file may be called like a pattern that stands for others. */
export function literally(git: string, paths: readonly string[]): string {
  return paths.some((path) => /[*?[\\:]/.test(path)) ? `${git} --literal-pathspecs` : git
}
