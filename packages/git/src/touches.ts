import { oidSchema, parseOid, type Oid } from '@signalbox/core'
import { barePatchOptions, parseBareCommits, parseBarePatch, type BareFile } from './bare-patch.ts'
import type { Change } from './change-list.ts'
import { isOverflow } from './exec.ts'
import { entryOf, unquotePath, type RawChange, type TreeEntry } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** How many commits that touch the changed paths are looked at: the newest ones. */
const LOOKED_AT = 200

/** How far back along the first parents they are looked for: in a long history, paths that nobody touches would have git walk all of it. */
const REACH = 2_000

/** Bytes of patches that are read at once. */
const PATCH_BYTES = 16 * 1024 * 1024

/** Characters of paths that one process is given. */
const PATHS_LENGTH = 64 * 1024

/** A file a change writes with other content than before, and what the commits of history did to it, newest first. */
export interface TouchedFile {
  /** One character per byte. */
  readonly path: string
  readonly from: TreeEntry | undefined
  readonly to: TreeEntry
  readonly touches: readonly Touch[]
}

/** What one commit did to a file it changed or deleted. */
export interface Touch {
  readonly commit: { readonly oid: Oid; /** One character per byte. */ readonly subject: string }
  readonly from: TreeEntry | undefined
  readonly to: TreeEntry | undefined
}

/** Returns those of the written files that a commit in the first-parent history of a base touched. A merge commit is what it brought to its first parent. */
export async function readTouches({ git }: Vault, base: Oid, written: readonly RawChange[]): Promise<readonly TouchedFile[]> {
  const { text } = await git(['rev-list', '--first-parent', '--max-count=1', `--skip=${REACH}`, '--end-of-options', base])
  const revisions = [base, ...(text === '' ? [] : [`^${oidSchema.parse(text.trim())}`])]
  const { stdout } = await git(['log', '--first-parent', `--max-count=${LOOKED_AT}`, '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv', ...logOptions], listed(revisions, written))
  const touches = new Map(written.map(({ path }) => [path, [] as Touch[]]))
  let commit: Touch['commit'] | undefined
  for (const line of stdout.toString('latin1').split('\n')) {
    const [, id, subject = ''] = /^commit ([0-9a-f]+) (.*)$/s.exec(line) ?? []
    const oid = parseOid(id)
    if (oid !== undefined) commit = { oid, subject }
    else if (line !== '') {
      const { path, from, to } = parseTouch(line)
      if (commit !== undefined) touches.get(path)?.push({ commit, from, to })
    }
  }
  return written.flatMap(({ path, from, to }) => {
    const of = touches.get(path) ?? []
    return to === undefined || of.length === 0 ? [] : [{ path, from, to, touches: of }]
  })
}

function parseTouch(line: string): Pick<Touch, 'from' | 'to'> & { readonly path: string } {
  const [, fromMode = '', toMode = '', from, to, path] = /^:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) [MD]\t(.*)$/s.exec(line) ?? []
  if (path === undefined) throw new TypeError(`git log listed a change in a form this version does not know: ${line.slice(0, 120)}`)
  return { path: unquotePath(path), from: entryOf(fromMode, from), to: entryOf(toMode, to) }
}

/** The patches of one file: that of the change, and those of the commits, by id. */
export interface Patches {
  readonly own: BareFile | undefined
  readonly landed: ReadonlyMap<Oid, BareFile>
}

/** Yields the files with their patches; without where there is more to read than is held at once. */
export async function* readPatches(vault: Vault, change: Change, files: readonly TouchedFile[]): AsyncGenerator<readonly [TouchedFile, Patches | undefined]> {
  for (const group of groupByPaths(files)) yield* readGroup(vault, change, group)
}

async function* readGroup(vault: Vault, change: Change, group: readonly TouchedFile[]): AsyncGenerator<readonly [TouchedFile, Patches | undefined]> {
  const read = await readTogether(vault, change, group).catch((error: unknown) => {
    if (!isOverflow(error)) throw error
    return undefined
  })
  const half = Math.ceil(group.length / 2)
  if (read !== undefined) for (const [index, file] of group.entries()) yield [file, read[index]]
  else if (group.length > 1) for (const part of [group.slice(0, half), group.slice(half)]) yield* readGroup(vault, change, part)
  else for (const file of group) yield [file, undefined]
}

async function readTogether({ git }: Vault, { base, commit }: Change, group: readonly TouchedFile[]): Promise<readonly Patches[]> {
  const own = await git(['diff-tree', '-r', ...barePatchOptions, base, commit, '--', ...group.map(({ path }) => pathspecOf(path))], { ...globbed, maxBuffer: PATCH_BYTES })
  const ownFiles = new Map(parseBarePatch(own.stdout.toString('latin1')).flatMap((file) => (file.to === undefined ? [] : [[file.path, file]])))
  const commits = [...new Set(group.flatMap(({ touches }) => touches.map((touch) => touch.commit.oid)))]
  const landed = new Map(group.map(({ path }) => [path, new Map<Oid, BareFile>()]))
  if (commits.length > 0) {
    const { stdout } = await git(['log', '--no-walk=unsorted', '--first-parent', ...logOptions, ...barePatchOptions], { ...listed(commits, group), maxBuffer: PATCH_BYTES })
    for (const { oid, files } of parseBareCommits(stdout.toString('latin1'))) for (const file of files) landed.get(file.path)?.set(oid, file)
  }
  return group.map(({ path }) => ({ own: ownFiles.get(path), landed: landed.get(path) ?? new Map<Oid, BareFile>() }))
}

const logOptions = ['--diff-merges=first-parent', '--diff-filter=MD', '--encoding=UTF-8', '--no-show-signature', '--no-notes', '--no-decorate', '--format=commit %H %s', '--stdin'] as const

function listed(revisions: readonly string[], files: readonly { readonly path: string }[]): { readonly stdin: string; readonly env: Readonly<Record<string, string>> } {
  return { stdin: [...revisions, '--', ...files.map(({ path }) => pathspecOf(path))].join('\n'), ...globbed }
}

const globbed = { env: { GIT_GLOB_PATHSPECS: '1' } } as const

/** A path as a pattern in plain letters, whatever its bytes: what more it matches is left out of the answer. */
function pathspecOf(path: string): string {
  return path.replaceAll(/[^\w./ -]/g, '?')
}

function groupByPaths(files: readonly TouchedFile[]): readonly (readonly TouchedFile[])[] {
  const groups: TouchedFile[][] = []
  let room = 0
  for (const file of files) {
    if (groups.length === 0 || file.path.length >= room) {
      groups.push([])
      room = PATHS_LENGTH
    }
    groups.at(-1)?.push(file)
    room -= file.path.length + 1
  }
  return groups
}
