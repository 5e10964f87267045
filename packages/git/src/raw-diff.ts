import { parseOid, type Oid } from '@signalbox/core'

/** One side of a change: `100644` and `100755` are files, `120000` links, `160000` other repositories, `040000` folders. */
export interface TreeEntry {
  readonly mode: string
  readonly oid: Oid
}

/**
 * One entry of `diff-tree --raw -z`. A side is undefined where nothing is. Paths hold one character per byte
 * (latin1), because a path need not be UTF-8; `showPath` makes them readable.
 */
export interface RawChange {
  readonly status: string
  readonly path: string
  /** Where it was before, for renames and copies. */
  readonly oldPath: string | undefined
  readonly from: TreeEntry | undefined
  readonly to: TreeEntry | undefined
}

/** Reads `:MODE MODE OID OID STATUS NUL PATH NUL …` from the start of an output and says at which byte it ends. */
export function parseRawDiff(output: Buffer): { readonly changes: readonly RawChange[]; readonly end: number } {
  const changes: RawChange[] = []
  let at = 0
  const next = (): string => {
    const end = output.indexOf(0, at)
    if (end < 0) throw new TypeError('git ended its list of changes in the middle of an entry')
    const field = output.toString('latin1', at, end)
    at = end + 1
    return field
  }
  while (output[at] === 0x3a) {
    const [fromMode = '', toMode = '', fromOid = '', toOid = '', status = ''] = next().slice(1).split(' ')
    const oldPath = /^[RC]/.test(status) ? next() : undefined
    changes.push({ status: status.slice(0, 1), oldPath, path: next(), from: entryOf(fromMode, fromOid), to: entryOf(toMode, toOid) })
  }
  return { changes, end: at }
}

/** Returns a side of a change as `--raw` gives it; undefined where nothing is. */
export function entryOf(mode: string, text: string | undefined): TreeEntry | undefined {
  if (mode === '000000') return undefined
  const oid = parseOid(text)
  if (oid === undefined) throw new TypeError(`git listed an entry without an object id: ${mode} ${text}`)
  return { mode, oid }
}

/** Returns a path as people read it; bytes that are no UTF-8 become replacement characters. */
export function showPath(path: string): string {
  return Buffer.from(path, 'latin1').toString()
}

/** Returns the bytes of a path below a folder, for the file system. */
export function diskPath(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')])
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' }

/** Takes git's quotes off a path, which it has where a byte of it is special. */
export function unquotePath(path: string): string {
  if (!path.startsWith('"')) return path
  return path.slice(1, -1).replaceAll(/\\([0-7]{3}|.)/g, (_, code: string) => (code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code)))
}
