import { landedRevertSchema, oidSchema, type LandedRevert, type Oid } from '@signalbox/core'
import { barePatchOptions, parseBareCommits, parseBarePatch, type BareCommit, type BareFile, type Hunk } from './bare-patch.ts'
import type { Change } from './change-list.ts'
import { keepAnswer, readAnswer } from './kept-answer.ts'
import { showPath } from './raw-diff.ts'
import type { Vault } from './vault.ts'

/** How many commits that touch the changed paths are looked at: the newest ones. */
const LOOKED_AT = 200

/** How far back along the first parents they are looked for: in a long history, paths that nobody touches would have git walk all of it. */
const REACH = 2_000

/**
 * Returns where a change undoes exactly what a recent commit in the first-parent history of its base did: hunks that
 * take away what that commit added and put back what it took away, or a file that is again as it was before. Files the
 * change deletes restore nothing. What lies before the base never changes, so the answer is kept beside the vault.
 */
export async function findReverts(vault: Vault, change: Change): Promise<readonly LandedRevert[]> {
  const kept = parseKept(await readAnswer(vault, 'reverts-1', change))
  if (kept !== undefined) return kept
  const [files, oldest] = await Promise.all([readOwnFiles(vault, change), readOldest(vault, change.base)])
  const reverts = files.length === 0 ? [] : matchHistory(files, await readHistory(vault, { base: change.base, oldest, files }))
  await keepAnswer(vault, 'reverts-1', change, Buffer.from(JSON.stringify(reverts)))
  return reverts
}

/** Undefined for what was not kept, or not in this form. */
function parseKept(bytes: Buffer | undefined): readonly LandedRevert[] | undefined {
  return bytes === undefined ? undefined : landedRevertSchema.array().safeParse(JSON.parse(bytes.toString())).data
}

/** Returns what the change writes with other content than before. */
async function readOwnFiles({ git }: Vault, { base, commit }: Change): Promise<readonly BareFile[]> {
  const { stdout } = await git(['diff-tree', '-r', ...barePatchOptions, base, commit])
  return parseBarePatch(stdout.toString('latin1')).filter(({ from, to }) => to !== undefined && from !== to)
}

/** Returns the commit just out of reach; undefined when the history ends before. */
async function readOldest({ git }: Vault, base: Oid): Promise<Oid | undefined> {
  const { text } = await git(['rev-list', '--first-parent', '--max-count=1', `--skip=${REACH}`, '--end-of-options', base])
  return text === '' ? undefined : oidSchema.parse(text.trim())
}

interface HistoryRequest {
  readonly base: Oid
  readonly oldest: Oid | undefined
  readonly files: readonly BareFile[]
}

/** Returns the commits that changed or deleted one of the files, newest first; a merge commit is what it brought to its first parent. */
async function readHistory({ git }: Vault, { base, oldest, files }: HistoryRequest): Promise<readonly BareCommit[]> {
  const revisions = [base, ...(oldest === undefined ? [] : [`^${oldest}`])]
  const paths = new Set(files.map(({ path }) => pathspecOf(path)))
  const { stdout } = await git(
    ['log', '--first-parent', '--diff-merges=first-parent', `--max-count=${LOOKED_AT}`, '--diff-filter=MD', '--encoding=UTF-8', '--no-show-signature', '--no-notes', '--no-decorate', '--format=commit %H %s', ...barePatchOptions, '--stdin'],
    { stdin: Buffer.from([...revisions, '--', ...paths].join('\n'), 'latin1'), env: { GIT_LITERAL_PATHSPECS: '1' } },
  )
  return parseBareCommits(stdout.toString('latin1'))
}

/** Paths are given as lines: of one that holds a line end, the folder above that is named, which only means to look at more. */
function pathspecOf(path: string): string {
  const line = path.indexOf('\n')
  return line < 0 ? path : (/^(.+)\//s.exec(path.slice(0, line))?.[1] ?? '.')
}

function matchHistory(files: readonly BareFile[], history: readonly BareCommit[]): readonly LandedRevert[] {
  return files.flatMap((file) => {
    const touches = history.flatMap((commit) => commit.files.filter(({ path }) => path === file.path).map((touched) => ({ commit, touched })))
    return matchWhole(file, touches) ?? matchHunks(file, touches)
  })
}

interface Touch {
  readonly commit: BareCommit
  readonly touched: BareFile
}

/** The file is again what it was before one of the commits: that one and all later ones are undone. */
function matchWhole(file: BareFile, touches: readonly Touch[]): readonly LandedRevert[] | undefined {
  const at = touches.findIndex(({ touched }) => touched.from === file.to && touched.from !== touched.to)
  if (at < 0) return undefined
  const characters = file.binary ? null : file.hunks.reduce((sum, hunk) => sum + countCharacters(hunk), 0)
  return touches.slice(0, at + 1).filter(({ touched }) => touched.from !== touched.to).map(({ commit }) => toRevert(file, commit, { whole: true, characters }))
}

/** Of commits that did the same, the newest is named. */
function matchHunks(file: BareFile, touches: readonly Touch[]): readonly LandedRevert[] {
  const named = new Set<string>()
  return touches.flatMap(({ commit, touched }) => {
    const undone = touched.hunks.filter((hunk) => file.hunks.some((own) => undoes(own, hunk)))
    const telling = undone.filter((hunk) => isReplacement(hunk) || undone.length === touched.hunks.length).filter((hunk) => !named.has(keyOf(hunk)))
    for (const hunk of telling) named.add(keyOf(hunk))
    return telling.length === 0 ? [] : [toRevert(file, commit, { whole: false, characters: Math.max(...telling.map(countCharacters)) })]
  })
}

/** Whether a hunk puts back what another took away in place of what that one added. Work of its own may stand right beside, and then is one hunk with it. */
function undoes(own: Hunk, landed: Hunk): boolean {
  if (own.added === landed.removed && own.removed === landed.added) return true
  return isReplacement(landed) && holds(own.removed, landed.added) && holds(own.added, landed.removed)
}

/**
 * Says whether lines went and others came in their place. Lines that only come, or only go, may do so again by chance,
 * as an import does: they count where all that the commit did to the file is undone.
 */
function isReplacement({ removed, added }: Hunk): boolean {
  return removed !== '' && added !== ''
}

function holds(text: string, lines: string): boolean {
  return `\n${text}`.includes(`\n${lines}`)
}

function keyOf({ removed, added }: Hunk): string {
  return `${removed}\0${added}`
}

function toRevert({ path }: BareFile, { oid, subject }: BareCommit, how: Pick<LandedRevert, 'whole' | 'characters'>): LandedRevert {
  return { path: showPath(path), commit: oid, subject: showPath(subject), ...how }
}

function countCharacters({ removed, added }: Hunk): number {
  return Buffer.from(removed + added, 'latin1').toString().match(/[\p{L}\p{N}]/gu)?.length ?? 0
}
