import { showPath, unquotePath } from './raw-diff.ts'

/**
 * Returns a path (one character per byte) as records name it: each part as it reads, or in git's quotes, `"caf\351.txt"`, where its
 * bytes are no UTF-8. One that begins with a quote itself has them too, so that no two paths have one name.
 */
export function recordPath(path: string): string {
  return path.split('/').map(recordPart).join('/')
}

/** Returns the path that a record names, one character per byte. */
export function readRecordedPath(name: string): string {
  return name.split('/').map((part) => (part.startsWith('"') ? unquotePath(part) : Buffer.from(part).toString('latin1'))).join('/')
}

function recordPart(part: string): string {
  const shown = showPath(part)
  return Buffer.from(shown).toString('latin1') === part && !shown.startsWith('"') ? shown : quotePart(part)
}

function quotePart(part: string): string {
  return `"${part.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[^ -~]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`
}
