import { revertSearchSchema, type LandedRevert, type RevertSearch } from '@signalbox/core'
import type { Hunk } from './bare-patch.ts'
import { findSizes } from './blobs.ts'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { keepAnswer, readAnswer } from './kept-answer.ts'
import { fullEffort, indexHunks, isReplacement, keyOf, type Effort } from './match-hunks.ts'
import { showPath, type TreeEntry } from './raw-diff.ts'
import { readPatches, readTouches, type Patches, type Touch, type TouchedFile } from './touches.ts'
import type { Vault } from './vault.ts'

/** Bytes of a file, in any of the forms that are compared, beyond which its lines are not looked at. */
const FILE_BYTES = 1024 * 1024

/** Bytes of all forms of all files together. */
const TOTAL_BYTES = 512 * 1024 * 1024

/**
 * Returns where a change undoes exactly what a recent commit in the first-parent history of its base did: hunks that
 * take away what that commit added and put back what it took away, or a file that is again as it was before. Files the
 * change deletes restore nothing. What there is too much of is named. What lies before the base never changes, so the answer is kept beside the vault.
 */
export async function findReverts(vault: Vault, change: Change): Promise<RevertSearch> {
  const kept = readAnswer(vault, 'reverts-2', change)
  if (kept !== undefined) return revertSearchSchema.parse(JSON.parse(kept.toString()))
  const written = filesOf(await readChangeList(vault, change)).filter(({ from, to }) => to !== undefined && from?.oid !== to.oid)
  const search = written.length === 0 ? { reverts: [], unseen: [] } : await searchFiles(vault, change, await readTouches(vault, change.base, written))
  await keepAnswer(vault, 'reverts-2', change, Buffer.from(JSON.stringify(search)))
  return search
}

async function searchFiles(vault: Vault, change: Change, files: readonly TouchedFile[]): Promise<RevertSearch> {
  const answers = new Map(files.map(({ path }) => [path, [] as readonly LandedRevert[] | undefined]))
  const tasks = new Map(files.map((file) => {
    const undone = findRestored(file)
    answers.set(file.path, undone.length === 0 ? undefined : undone.map((touch) => toRevert(file, touch, { whole: true, characters: null })))
    // Of a file that is as it was before, ids tell what it undoes: only the change itself is read, to say how much that is.
    return [undone.length === 0 ? file : { ...file, touches: [] }, undone] as const
  }))
  const effort = fullEffort()
  for await (const [file, patches] of readPatches(vault, change, await chooseFitting(vault, [...tasks.keys()]))) {
    const undone = tasks.get(file) ?? []
    if (patches !== undefined) answers.set(file.path, undone.length > 0 ? undone.map((touch) => toRevert(file, touch, { whole: true, characters: sizeOf(patches) })) : matchHunks(file, patches, effort))
  }
  const all = [...answers]
  return { reverts: all.flatMap(([, reverts]) => reverts ?? []), unseen: all.flatMap(([path, reverts]) => (reverts === undefined ? [showPath(path)] : [])) }
}

/** The file is again what it was before one of the commits: that one and all later ones are undone. */
function findRestored({ to, touches }: TouchedFile): readonly Touch[] {
  const changing = touches.filter((touch) => touch.from?.oid !== touch.to?.oid)
  return changing.slice(0, changing.findIndex(({ from }) => from?.oid === to.oid) + 1)
}

/** Returns the files whose forms are small enough to be compared, the smallest of all first, until all are too many. */
async function chooseFitting({ git }: Vault, files: readonly TouchedFile[]): Promise<readonly TouchedFile[]> {
  const sizes = await findSizes(git, files.flatMap(formsOf))
  let room = TOTAL_BYTES
  return files
    .map((file) => ({ file, bytes: formsOf(file).map(({ oid }) => sizes.get(oid) ?? 0) }))
    .filter(({ bytes }) => bytes.every((size) => size <= FILE_BYTES))
    .map(({ file, bytes }) => ({ file, total: bytes.reduce((sum, size) => sum + size, 0) }))
    .toSorted((a, b) => a.total - b.total)
    .filter(({ total }) => (room -= total) >= 0)
    .map(({ file }) => file)
}

/** A repository inside is a line that names its commit. */
function formsOf({ from, to, touches }: TouchedFile): readonly TreeEntry[] {
  return [from, to, ...touches.flatMap((touch) => [touch.from, touch.to])].filter((entry) => entry !== undefined).filter(({ mode }) => mode !== '160000')
}

/** Of commits that did the same, the newest is named. Undefined where it is too much to compare. */
function matchHunks(file: TouchedFile, { own, landed }: Patches, effort: Effort): readonly LandedRevert[] | undefined {
  const index = indexHunks(own?.hunks ?? [])
  const named = new Set<string>()
  const reverts: LandedRevert[] = []
  for (const touch of file.touches) {
    const hunks = landed.get(touch.commit.oid)?.hunks ?? []
    const undone: Hunk[] = []
    for (const hunk of hunks) {
      const undoes = index.undoes(hunk, effort)
      if (undoes === undefined) return undefined
      if (undoes) undone.push(hunk)
    }
    const telling = undone.filter((hunk) => isReplacement(hunk) || undone.length === hunks.length).filter((hunk) => !named.has(keyOf(hunk)))
    for (const hunk of telling) named.add(keyOf(hunk))
    if (telling.length > 0) reverts.push(toRevert(file, touch, { whole: false, characters: telling.reduce((most, hunk) => Math.max(most, countCharacters(hunk)), 0) }))
  }
  return reverts
}

function toRevert({ path }: TouchedFile, { commit }: Touch, how: Pick<LandedRevert, 'whole' | 'characters'>): LandedRevert {
  return { path: showPath(path), commit: commit.oid, subject: showPath(commit.subject), ...how }
}

function sizeOf({ own }: Patches): number | null {
  return own === undefined || own.binary ? null : own.hunks.reduce((sum, hunk) => sum + countCharacters(hunk), 0)
}

function countCharacters({ removed, added }: Hunk): number {
  return Buffer.from(removed + added, 'latin1').toString().match(/[\p{L}\p{N}]/gu)?.length ?? 0
}
