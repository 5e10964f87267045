import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { parseOid, type Oid, type Reported, type ReportedPath } from '@signalbox/core'
import type { Beyond } from './adjust.ts'
import { readBlobs } from './blobs.ts'
import { filesOf, readChangeList } from './change-list.ts'
import { unlessClosed } from './closed-folder.ts'
import { lookAt } from './look-at.ts'
import { diskPath, showPath, type RawChange } from './raw-diff.ts'
import { gitOfScan, splitNames, type Scan } from './scan.ts'
import { listIgnored } from './unsaved.ts'
import type { Vault } from './vault.ts'

/** Paths that are named for one reason; the rest is counted. */
const NAMED = 20

/** Bytes from which a file is called large: forges begin to complain there. */
const LARGE_BYTES = 50 * 1024 * 1024

export interface ReportRequest {
  /** A look whose index is up to date with the files. */
  readonly scan: Scan
  readonly beyond: Beyond
  readonly commit: Oid
  /** Submodules at their recorded commit whose files are there. */
  readonly filled: readonly Pick<ReportedPath, 'path'>[]
  /** Whether files lie on disk in other sizes than they are stored in. */
  readonly isFiltered: boolean
  /** A folder that may be made, and is thrown away. */
  readonly dir: string
}

/** Returns what a reviewer must know of a capture though nothing of it is missing; empty for most. */
export async function findReported(request: ReportRequest): Promise<readonly Reported[]> {
  const { scan, beyond, commit, isFiltered } = request
  const changes = filesOf(await readChangeList(scan.vault, { base: beyond.base, commit }))
  return [
    ...sum('newly_ignored', await findNewlyIgnored(request, changes)),
    ...sum('sparse', beyond.sparse.map(({ path }) => path).filter((path) => !existsSync(diskPath(scan.checkout, path))).map(showPath)),
    ...sum('large', isFiltered ? [] : changes.flatMap(({ path, to }) => (to?.mode.startsWith('100') === true && isLarge(scan, path) ? [showPath(path)] : []))),
    ...sum('submodule', request.filled.map(({ path }) => path)),
  ]
}

function sum(reason: Reported['reason'], paths: readonly string[]): readonly Reported[] {
  return paths.length === 0 ? [] : [{ reason, paths: paths.slice(0, NAMED), more: Math.max(0, paths.length - NAMED) }]
}

/** What lies behind a closed folder is as it was saved before, and the folder is named as unreadable. */
function isLarge({ checkout }: Scan, path: string): boolean {
  return unlessClosed(() => (lookAt(diskPath(checkout, path))?.size ?? 0) >= LARGE_BYTES, false)
}

/** Files that are left out by the ignore rules as they are now, and would not be by those of the base. Where no such rules changed there are none, and git is not asked. */
async function findNewlyIgnored({ scan, beyond, dir }: ReportRequest, changes: readonly RawChange[]): Promise<readonly string[]> {
  if (!changes.some(({ path }) => basename(path) === '.gitignore')) return []
  const tracked = new Set(beyond.tracked)
  const ignored = (await listIgnored(scan)).filter((name) => !tracked.has(name))
  if (ignored.length === 0) return []
  mkdirSync(dir, { recursive: true })
  await writeRules(scan.vault, beyond.base, dir)
  const before = await gitOfScan({ ...scan, checkout: dir })(['check-ignore', '--no-index', '-z', '--stdin'], { stdin: Buffer.from(ignored.map((name) => `${name}\0`).join(''), 'latin1'), okExits: [0, 1] })
  const known = new Set(splitNames(before.stdout))
  return ignored.filter((name) => !known.has(name)).map(showPath)
}

/** Writes the ignore files of a commit, and nothing else of it. */
async function writeRules({ git }: Vault, commit: Oid, dir: string): Promise<void> {
  const { stdout } = await git(['ls-tree', '-r', '-z', '--full-tree', commit])
  const files = splitNames(stdout).flatMap((entry) => {
    const [mode = '', , text] = entry.split(/[ \t]/, 3)
    const [path, oid] = [entry.slice(entry.indexOf('\t') + 1), parseOid(text)]
    return oid !== undefined && mode.startsWith('100') && basename(path) === '.gitignore' ? [{ path, oid }] : []
  })
  for await (const [{ path }, bytes] of readBlobs(git, files)) {
    const file = diskPath(dir, path)
    mkdirSync(diskPath(dir, dirname(path)), { recursive: true })
    writeFileSync(file, bytes)
  }
}
