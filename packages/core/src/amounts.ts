// How amounts are told to people, the same on every face. Nothing here needs the schema library: pages load it by itself.

/** Returns how long ago an instant was, shortly: `just now`, `3 min ago`, `2 h ago`, `5 d ago`; what is no instant, as it is. */
export function ago(at: string, now: number): string {
  const seconds = Math.round((now - Date.parse(at)) / 1000)
  if (Number.isNaN(seconds)) return at
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** Returns a duration in milliseconds as people say it: `24 ms`, `0.3 s`, `12 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Returns a number with its noun: `1 file`, `3 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Returns the start of an object id or hash that people can compare. */
export function shortId(oid: string): string {
  return oid.slice(0, 10)
}

/** Returns the size of a change: `3 files +31 -5`; `unchanged` without files. `minus` is the sign of removed lines. */
export function size(change: { readonly files: number; readonly insertions: number; readonly deletions: number }, minus = '-'): string {
  if (change.files === 0) return 'unchanged'
  return [count(change.files, 'file'), change.insertions > 0 ? `+${change.insertions}` : '', change.deletions > 0 ? `${minus}${change.deletions}` : ''].filter((part) => part !== '').join(' ')
}

/** Names up to five paths and counts the rest: `a, b, c, d, e and 3 more`. */
export function nameUpTo5(paths: readonly string[]): string {
  const named = paths.slice(0, 5).join(', ')
  return paths.length > 5 ? `${named} and ${paths.length - 5} more` : named
}
