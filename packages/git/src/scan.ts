import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError, type ReportedPath } from '@signalbox/core'
import { isClosed } from './closed-folder.ts'
import { quoteFolder } from './git-dir.ts'
import { diskPath, showPath } from './raw-diff.ts'
import type { GitAnswer, GitCall } from './exec.ts'
import type { Vault } from './vault.ts'

/** A checkout looked at from outside: our git directory, our index, its files. */
export interface Scan {
  readonly vault: Vault
  readonly checkout: string
  /** Index of ours; brought up to date with the files. */
  readonly index: string
  /** File of ignore rules beside the ones in the checkout. */
  readonly excludes: string
  /** Where new objects go when the look should leave nothing in the vault. */
  readonly scratch?: string
}

type ScanGit = (args: readonly [string, ...string[]], more?: Pick<GitCall, 'stdin' | 'okExits' | 'env'>) => Promise<GitAnswer>

/** How the checkout itself is named among what is reported of it. */
const TOP = '.'

/** Milliseconds one pass over a checkout may take. */
const SCAN_MS = 600_000

/** Returns git as it looks at a checkout. */
export function gitOfScan({ vault, checkout, index, excludes, scratch }: Scan): ScanGit {
  const throwAway = scratch === undefined ? {} : { GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoteFolder(join(vault.dir, 'objects')) }
  const config = { 'core.excludesFile': excludes, ...(scratch === undefined ? {} : { 'core.fsync': 'none', 'lfs.storage': `${scratch}/lfs` }) }
  return (args, more) => vault.git(args, { workTree: checkout, indexFile: index, config, timeoutMs: SCAN_MS, ...more, env: { ...throwAway, ...more?.env } })
}

/**
 * Brings the index up to date with everything in the checkout that is not ignored, and returns what could not be
 * read, which keeps the content the index had before or none.
 * @throws ControlError `git.command_failed`
 */
export async function addAll(scan: Scan): Promise<readonly ReportedPath[]> {
  // Git finds no working tree there.
  if (isClosed(scan.checkout)) return [{ path: TOP, reason: 'unreadable' }]
  const git = gitOfScan(scan)
  const { exitCode, stderr } = await git(['add', '--all', '--ignore-errors', '--no-warn-embedded-repo'], { okExits: [0, 1] })
  if (exitCode === 0 && stderr === '') return []
  const missing = [...(await listLeftOver(git, findRefused(stderr))), ...(await listClosedFolders(git, scan.checkout))]
  const unexplained = missing.length === 0 || missing.some(({ path, reason }) => reason === 'unreadable' && isReadableFile(join(scan.checkout, path)))
  if (exitCode !== 0 && unexplained) {
    throw new ControlError('git.command_failed', `git add exited ${exitCode} in ${scan.checkout}: ${stderr.trim().slice(-1000)}`, {
      hint: 'Check that the disk has room and answers, then try again',
    })
  }
  return missing
}

/** Refuses a look that something in the checkout was kept from, or the whole of it: what nobody saw has not stayed as it was. @throws ControlError `disk.unwritable` */
export function refuseUnread(scan: Scan, missing: readonly ReportedPath[]): void {
  const unread = missing.find(({ reason }) => reason === 'unreadable')
  if (unread === undefined) return
  const path = join(scan.checkout, unread.path)
  throw new ControlError('disk.unwritable', `${path} cannot be read`, { hint: `Make it readable, or delete it: chmod u+rwX '${path}'` })
}

/** Tells a file that git should have been able to add: then it is our disk that failed, not theirs. */
function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false // that is the question
  }
}

/** Returns a test for names that git said it stores no file by, such as `.GIT/config` or `git~1`: on other systems they are those of its own folder. */
function findRefused(stderr: string): (name: string) => boolean {
  const refused = new Set([...stderr.matchAll(/^error: invalid path '(.*)'$/gm)].map(([, name]) => name))
  return (name) => {
    // As git prints it: with a question mark for what would move a cursor.
    const shown = showPath(name).replaceAll(/\p{Cc}/gu, (letter) => (letter === '\t' || letter === '\n' || letter > '\u007F' ? letter : '?'))
    return refused.has(shown) || (shown.includes('\n') && stderr.includes(`error: invalid path '${shown}'\n`))
  }
}

/** Lists what differs from the index though everything was just added: git could not add it. */
async function listLeftOver(git: ScanGit, isRefused: (name: string) => boolean): Promise<readonly ReportedPath[]> {
  const [others, changed] = await Promise.all([git(['ls-files', '--others', '--exclude-standard', '-z']), git(['diff-files', '--name-only', '-z', '--ignore-submodules=all'])])
  return [
    ...splitNames(others.stdout).map((name) => ({ path: showPath(name.replace(/\/$/, '')), reason: isRefused(name) ? ('name_refused' as const) : name.endsWith('/') ? ('nested_repository' as const) : ('unreadable' as const) })),
    ...splitNames(changed.stdout).map((name) => ({ path: showPath(name), reason: 'unreadable' as const })),
  ]
}

/** Lists folders we may not look into; git only warns of those, and calls what lies in them unchanged. */
async function listClosedFolders(git: ScanGit, checkout: string): Promise<readonly ReportedPath[]> {
  const closed = findClosedFolders(checkout, '')
  if (closed.length === 0) return []
  const { stdout } = await git(['check-ignore', '--no-index', '-z', '--stdin'], { stdin: Buffer.from(closed.map((path) => `${path}/\0`).join(''), 'latin1'), okExits: [0, 1] })
  const ignored = new Set(splitNames(stdout).map((name) => name.replace(/\/$/, '')))
  return closed.filter((path) => !ignored.has(path)).map((path) => ({ path: showPath(path), reason: 'unreadable' }))
}

function findClosedFolders(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(diskPath(root, folder), { withFileTypes: true, encoding: 'latin1' }).flatMap((entry) =>
      entry.isDirectory() && entry.name !== '.git' ? findClosedFolders(root, folder === '' ? entry.name : `${folder}/${entry.name}`) : [],
    )
  } catch {
    return [folder] // that it cannot be read is the answer
  }
}

/** Returns what a look reports, each thing once: several parts of a look may come across it. */
export function distinct(reported: readonly ReportedPath[]): readonly ReportedPath[] {
  return [...new Map(reported.map((one) => [`${one.reason} ${one.path}`, one])).values()]
}

/** Splits a NUL-separated list of names, one character per byte. */
export function splitNames(output: Buffer): readonly string[] {
  return output.toString('latin1').split('\0').filter((name) => name !== '')
}
