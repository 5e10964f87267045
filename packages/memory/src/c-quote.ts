/** Returns a path in quotes, as git reads it wherever a plain one could be cut or read otherwise. */
export function cQuote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
