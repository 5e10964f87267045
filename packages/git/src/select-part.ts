import { isUtf8 } from 'node:buffer'
import { join } from 'node:path'
import { ControlError, nameUpTo5, oidSchema, type Oid, type RunId } from '@signalbox/core'
import { readBlobs } from './blobs.ts'
import type { Change } from './change-list.ts'
import { findConverting } from './converting.ts'
import { pair, readPatch, type PatchedFile } from './diff.ts'
import { vaultRefs } from './layout.ts'
import { applyHunks, parseHunks, type PatchHunk } from './part-hunks.ts'
import { splitPatch } from './patch.ts'
import { parseRawDiff, showPath, type TreeEntry } from './raw-diff.ts'
import { saveTree, type CapturedRepo } from './save-tree.ts'
import { saveRefs } from './snapshot-ref.ts'
import { isAttributesFile, readAttributesBlobs } from './tree-attributes.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** A file of a change, or with a slash at its end a folder, as people read its name; with the numbers of its chosen hunks in the diff, from 1, where not all of it is. */
export interface ChosenPath {
  readonly path: string
  readonly hunks: readonly number[] | undefined
}

/** What of a change is chosen. */
export type Choice = 'all' | readonly ChosenPath[]

/** A file of a change that is not in a part of it; with the numbers of its hunks where the others are. */
export interface LeftOutPath {
  readonly path: string
  readonly hunks: readonly number[] | null
}

/** A part of a change, saved. */
export interface SelectedPart {
  readonly captured: CapturedRepo
  readonly leftOut: readonly LeftOutPath[]
}

export interface SelectPartRequest {
  readonly run: RunId
  readonly number: number
  readonly of: Change
  readonly choice: Choice
}

/**
 * Computes a part of a change on its own base, in the vault, and saves it as snapshot `number`. A chosen hunk brings along
 * what the head of its file says: its name and its mode.
 * @throws ControlError `input.invalid` when something chosen is not in the change, or cannot go without something that is not chosen
 */
export async function selectPart(vault: Vault, { run, number, of, choice }: SelectPartRequest): Promise<SelectedPart> {
  const picks = pick(await readFiles(vault, of), choice)
  refuseEntangled(picks)
  await refuseSplitAttributes(vault, picks)
  const tree = await writePart(vault, of.base, picks)
  const captured = await saveTree(vault, { base: of.base, tree, message: `${run}.s${number}` })
  await saveRefs(vault, [[vaultRefs.snapshot(run, number), captured.commit]])
  return { captured, leftOut: picks.flatMap(leftOutOf) }
}

/** A file of a change with its hunks; none where it can only be chosen whole. */
interface File extends Pick<PatchedFile, 'entry'> {
  readonly hunks: readonly PatchHunk[]
}

/** A file and what of it is chosen: all of it, nothing, or some of its hunks by number. */
interface PickedFile extends File {
  readonly chosen: 'all' | 'none' | ReadonlySet<number>
}

async function readFiles(vault: Vault, change: Change): Promise<readonly File[]> {
  const output = await readPatch(vault, change, ['--binary'])
  const { changes, end } = parseRawDiff(output)
  return pair(changes, splitPatch(output.subarray(end + 1))).map(({ entry, sections }) => ({ entry, hunks: hunksOf(sections) }))
}

/** A change of type has two parts, and what is no UTF-8 is shown as binary: neither has hunks that anybody could name. */
function hunksOf(sections: readonly Buffer[]): readonly PatchHunk[] {
  const [only, ...more] = sections
  return only === undefined || more.length > 0 || !isUtf8(only) || only.includes('\nGIT binary patch\n') ? [] : parseHunks(only.toString('latin1'))
}

function pick(files: readonly File[], choice: Choice): readonly PickedFile[] {
  if (choice === 'all') return files.map((file) => ({ ...file, chosen: 'all' }))
  for (const chosen of choice) refuseUnknown(files, chosen)
  return files.map((file) => ({ ...file, chosen: chosenOf(file, choice.filter(({ path }) => names(path, file))) }))
}

function names(path: string, { entry }: File): boolean {
  return [entry.path, entry.oldPath].some((own) => own !== undefined && (path.endsWith('/') ? showPath(own).startsWith(path) : showPath(own) === path))
}

function refuseUnknown(files: readonly File[], { path, hunks }: ChosenPath): void {
  const named = files.filter((file) => names(path, file))
  if (named.length === 0) throw new ControlError('input.invalid', `${path} is not changed there`, { hint: 'List what is with `signalbox diff RUN --stat`' })
  for (const { hunks: known } of named) {
    const unknown = hunks?.find((number) => number < 1 || number > known.length)
    if (unknown === undefined) continue
    const why = known.length === 0 ? 'it can only be chosen whole' : `it has ${known.length === 1 ? 'one hunk' : `${known.length} hunks`}`
    throw new ControlError('input.invalid', `${path} has no hunk ${unknown} there: ${why}`, { hint: 'Hunks are numbered from 1 in each file; see them with `signalbox diff RUN --hunks`' })
  }
}

function chosenOf({ hunks }: File, choices: readonly ChosenPath[]): PickedFile['chosen'] {
  if (choices.length === 0) return 'none'
  const numbers = new Set(choices.flatMap((one) => one.hunks ?? []))
  return choices.some((one) => one.hunks === undefined) || numbers.size === hunks.length ? 'all' : numbers
}

function leftOutOf({ entry, hunks, chosen }: PickedFile): readonly LeftOutPath[] {
  if (chosen === 'all') return []
  const path = showPath(entry.path)
  return [{ path, hunks: chosen === 'none' ? null : hunks.map((_, index) => index + 1).filter((number) => !chosen.has(number)) }]
}

/** A file cannot stand where a folder stays, nor the other way round. */
function refuseEntangled(picks: readonly PickedFile[]): void {
  const staying = picks.filter(({ chosen }) => chosen === 'none').flatMap(({ entry }) => (entry.from === undefined ? [] : [entry.oldPath ?? entry.path]))
  for (const { entry, chosen } of picks) {
    const other = chosen === 'none' || entry.to === undefined ? undefined : staying.find((path) => path.startsWith(`${entry.path}/`) || entry.path.startsWith(`${path}/`))
    if (other !== undefined) throw new ControlError('input.invalid', `${showPath(entry.path)} takes the place of ${showPath(other)}, so that one has to be chosen as well`)
  }
}

/** Attributes say in which bytes other files are stored: split from those, nobody could tell what their git would make of them. */
async function refuseSplitAttributes(vault: Vault, picks: readonly PickedFile[]): Promise<void> {
  if (picks.every(({ chosen }) => chosen === 'all') || picks.every(({ chosen }) => chosen === 'none')) return
  const blobs = picks.flatMap(({ entry: { path, from, to } }) => [from, to].flatMap((side) => (side !== undefined && isAttributesFile(path, side.mode) ? [{ path, oid: side.oid }] : [])))
  const converting = (await readAttributesBlobs(vault.git, blobs)).filter(({ path, text }) => findConverting(text, path).length > 0)
  if (converting.length === 0) return
  throw new ControlError('input.invalid', `${nameUpTo5([...new Set(converting.map(({ path }) => showPath(path)))])} decides in which bytes other files are stored`, { hint: 'Choose all files of that repo, or none' })
}

/** Lines for `update-index --index-info`: what goes first, so that a file may become a folder. */
async function writePart(vault: Vault, base: Oid, picks: readonly PickedFile[]): Promise<Oid> {
  const chosen = picks.filter((one) => one.chosen !== 'none')
  const gone = chosen.flatMap(({ entry: { path, oldPath, from, to } }) => (from === undefined || (oldPath === undefined && to !== undefined) ? [] : [`0 ${'0'.repeat(base.length)}\t${oldPath ?? path}\0`]))
  const put: string[] = []
  for (const one of chosen) {
    const entry = await entryOf(vault, one)
    if (entry !== undefined) put.push(`${entry.mode} ${entry.oid}\t${one.entry.path}\0`)
  }
  return withWorkDir(vault.work, async (dir) => {
    const indexFile = join(dir, 'index')
    await vault.git(['read-tree', base], { indexFile })
    await vault.git(['update-index', '--add', '-z', '--index-info'], { indexFile, stdin: Buffer.from([...gone, ...put].join(''), 'latin1') })
    return oidSchema.parse((await vault.git(['write-tree'], { indexFile })).text.trim())
  })
}

/** What the part holds in the place of a chosen file; undefined where the change removes it. */
async function entryOf(vault: Vault, { entry: { path, from, to }, hunks, chosen }: PickedFile): Promise<TreeEntry | undefined> {
  if (typeof chosen === 'string' || from === undefined || to === undefined) return to
  const texts: string[] = []
  for await (const [, bytes] of readBlobs(vault.git, [from, to])) texts.push(bytes.toString('latin1'))
  const [old = '', whole] = texts
  // The diff and the files it is of are read one after the other; what does not fit is no part of them.
  if (applyHunks(old, hunks) !== whole) throw new TypeError(`the hunks of ${showPath(path)} do not give the file`)
  const part = applyHunks(old, hunks.filter((_, index) => chosen.has(index + 1)))
  const { text } = await vault.git(['hash-object', '-w', '--stdin'], { stdin: Buffer.from(part, 'latin1') })
  return { mode: to.mode, oid: oidSchema.parse(text.trim()) }
}
