import { readdirSync, readFileSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { parseOid, type Oid, type ReportedPath } from '@signalbox/core'
import { unlessClosed } from './closed-folder.ts'
import { copyIndex, parseIndex, type SpecialEntry } from './index-file.ts'
import { lookAt } from './look-at.ts'
import { diskPath, showPath } from './raw-diff.ts'
import { gitOfScan, type Scan } from './scan.ts'
import { isAsCheckedOut } from './submodule.ts'

/** What a plain look at the files cannot know. */
export interface Beyond {
  readonly base: Oid
  readonly oidBytes: 20 | 32
  /** Names the agent tracks though they may be ignored, one character per byte: from its index and its HEAD. */
  readonly tracked: readonly string[]
  /** Entries the agent leaves out of its working tree on purpose. */
  readonly sparse: readonly SpecialEntry[]
}

export interface Adjusted {
  /** The index whose tree is the snapshot: the scan's own, or a copy beside it. */
  readonly index: string
  readonly missing: readonly ReportedPath[]
}

/**
 * Returns the index that holds what the agent's checkout means: ignored files it tracks are in it, what it keeps out
 * of sight stays, and repositories inside the checkout, whose content no tree can hold, are as in the base.
 */
export async function adjustIndex(scan: Scan, beyond: Beyond): Promise<Adjusted> {
  const { files, special } = parseIndex(readFileSync(scan.index), beyond.oidBytes)
  const links = special.filter(({ mode }) => mode === '160000')
  const known = new Set(files)
  const tracked = new Map(beyond.tracked.filter((path) => !known.has(path)).map((path) => [path, lookInside(scan.checkout, path)]))
  const forced = [...tracked].flatMap(([path, kind]) => (kind === 'file' ? [path] : []))
  const closed = [...tracked].flatMap(([path, kind]): readonly ReportedPath[] => (kind === 'closed' ? [{ path: showPath(path), reason: 'unreadable' }] : []))
  const sparse = beyond.sparse.filter(({ path }) => !known.has(path) && unlessClosed(() => look(scan.checkout, path) === undefined, false))
  if (links.length + forced.length + sparse.length === 0) return { index: scan.index, missing: closed }

  const index = `${scan.index}.adjusted`
  copyIndex(scan.index, index)
  const git = gitOfScan({ ...scan, index })
  const repositories = await judgeLinks(scan, beyond, links)
  const kept = await keepSparse(scan, sparse)
  const lines = [...repositories.lines, ...kept.lines]
  if (lines.length > 0) await git(['update-index', '-z', '--index-info'], { stdin: latin1(lines) })
  const refused = await force({ ...scan, index }, forced, beyond.oidBytes)
  return { index, missing: [...repositories.missing, ...kept.missing, ...refused, ...closed] }
}

/** Takes ignored files that the agent tracks into the index, and returns those whose names git stores no file by: it passes over them. */
async function force(scan: Scan, paths: readonly string[], oidBytes: Beyond['oidBytes']): Promise<readonly ReportedPath[]> {
  if (paths.length === 0) return []
  const { stderr } = await gitOfScan(scan)(['update-index', '--add', '-z', '--stdin'], { stdin: latin1(paths) })
  if (stderr === '') return []
  const taken = new Set(parseIndex(readFileSync(scan.index), oidBytes).files)
  return paths.filter((path) => !taken.has(path)).map((path) => ({ path: showPath(path), reason: 'name_refused' }))
}

/** Changes for `update-index --index-info`, and what they leave out. */
interface Edits {
  readonly lines: readonly string[]
  readonly missing: readonly ReportedPath[]
}

async function judgeLinks({ vault, checkout }: Scan, { base, oidBytes }: Beyond, links: readonly SpecialEntry[]): Promise<Edits> {
  if (links.length === 0) return { lines: [], missing: [] }
  const before = await readLinks({ vault }, base)
  const lines: string[] = []
  const missing: ReportedPath[] = []
  for (const { path, oid } of links) {
    const was = before.get(path)
    if (was === undefined) lines.push(`0 ${'0'.repeat(oid.length)}\t${path}`)
    else if (was !== oid) lines.push(`160000 ${was}\t${path}`)
    else if (isEmptyFolder(checkout, path)) continue
    missing.push({ path: showPath(path), reason: was === undefined ? 'nested_repository' : was === oid && isAsCheckedOut(join(checkout, showPath(path)), oidBytes) ? 'submodule_filled' : 'submodule_changed' })
  }
  return { lines, missing }
}

async function readLinks({ vault }: Pick<Scan, 'vault'>, base: Oid): Promise<ReadonlyMap<string, Oid>> {
  const { stdout } = await vault.git(['ls-tree', '-r', '-z', '--full-tree', base])
  return new Map(parseTree(stdout).flatMap(({ mode, oid, path }) => (mode === '160000' ? [[path, oid]] : [])))
}

/** An entry left out on purpose keeps its content, if the vault has it; a left-out folder keeps all it holds. */
async function keepSparse({ vault, checkout }: Scan, sparse: readonly SpecialEntry[]): Promise<Edits> {
  if (sparse.length === 0) return { lines: [], missing: [] }
  const { text } = await vault.git(['cat-file', '--batch-check=%(objectname)'], { stdin: sparse.map(({ oid }) => `${oid}\n`).join('') })
  const lost = new Set(text.split('\n').flatMap((line) => (line.endsWith(' missing') ? [line.split(' ')[0]] : [])))
  const found = sparse.filter(({ oid }) => !lost.has(oid))
  const folders = await Promise.all(
    found.filter(({ mode }) => mode === '040000').map(async ({ path, oid }) => {
      const { stdout } = await vault.git(['ls-tree', '-r', '-z', '--full-tree', oid])
      return parseTree(stdout).map((entry) => ({ ...entry, path: path + entry.path })).filter((entry) => look(checkout, entry.path) === undefined)
    }),
  )
  return {
    lines: [...found.filter(({ mode }) => mode !== '040000'), ...folders.flat()].map(({ mode, oid, path }) => `${mode} ${oid}\t${path}`),
    missing: sparse.filter(({ oid }) => lost.has(oid)).map(({ path }) => ({ path: showPath(path), reason: 'unreadable' })),
  }
}

function parseTree(output: Buffer): readonly { readonly mode: string; readonly oid: Oid; readonly path: string }[] {
  return output
    .toString('latin1')
    .split('\0')
    .flatMap((line) => {
      const [mode = '', , text] = line.split(/[ \t]/, 3)
      const oid = parseOid(text)
      return oid === undefined ? [] : [{ mode, oid, path: line.slice(line.indexOf('\t') + 1) }]
    })
}

/** Says whether a name from the agent is that of a file inside the checkout, or lies in a folder of it that may not be entered: it is a file as far as anybody knows. */
export function lookInside(checkout: string, path: string): 'file' | 'closed' | 'none' {
  return unlessClosed(() => (isFileInside(checkout, path) ? 'file' : 'none'), 'closed')
}

/** Says whether a name from the agent is a file or link inside the checkout, not reached through a link. */
function isFileInside(checkout: string, path: string): boolean {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')) return false
  const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))
  const kind = look(checkout, path)
  return kind !== undefined && (kind.isFile() || kind.isSymbolicLink()) && parents.every((parent) => look(checkout, parent)?.isDirectory() === true)
}

function isEmptyFolder(checkout: string, path: string): boolean {
  return unlessClosed(() => look(checkout, path)?.isDirectory() === true && readdirSync(diskPath(checkout, path)).length === 0, false)
}

function look(checkout: string, path: string): BigIntStats | undefined {
  return lookAt(diskPath(checkout, path))
}

function latin1(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\0`).join(''), 'latin1')
}
