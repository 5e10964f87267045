import { anchoredText, ControlError, latestRound, placeLines, splitLines, type Anchor, type Finding, type FindingView, type LineRange, type Run, type Snapshot } from '@signalbox/core'
import { sha256 } from './approval-key.ts'
import type { Snapshots } from './git-ports.ts'
import { becauseOf } from './look.ts'
import type { Services } from './services.ts'

type SavedText = Awaited<ReturnType<Snapshots['readText']>>
/** Reads a file of a saved commit, each once. */
type ReadText = (anchor: Pick<Anchor, 'repo' | 'path' | 'commit'>) => Promise<SavedText>

/** Where a finding lies by now. `gone` is known to be; without a place and not gone, it is on no lines, or nobody could look. */
interface Placed {
  readonly place: LineRange | undefined
  readonly gone: boolean
  readonly because: string | undefined
  readonly lines: readonly string[] | undefined
}

/** Lines of an anchor that are shown. */
const SHOWN_LINES = 20

/** Returns findings as they lie in a round of the run, the latest one by default. */
export async function placeFindings(services: Services, run: Run, findings: readonly Finding[], round: Snapshot | undefined = latestRound(run)): Promise<readonly FindingView[]> {
  const readText = createReader(services)
  return Promise.all(findings.map(async (finding) => view(finding, await placeFinding(readText, finding.anchor, round))))
}

/** Makes the anchor of a new finding from where somebody points. @throws ControlError `repo.not_found`, `file.not_found`, `file.binary`, `line.not_found` */
export async function anchorAt(services: Services, snapshot: Snapshot, at: Pick<Anchor, 'repo' | 'path' | 'side'> & { readonly from?: number | undefined; readonly to?: number | undefined }): Promise<Anchor> {
  const { repo, path, from, to = from } = at
  const saved = snapshot.repos.find((one) => one.repo === repo)
  if (saved === undefined) throw new ControlError('repo.not_found', `${snapshot.id} has no repo ${repo}`, { hint: `It holds ${snapshot.repos.map((one) => one.repo).join(', ')}` })
  const readText = createReader(services)
  const side = at.side === 'new' && from === undefined && (await readText({ repo, path, commit: saved.commit })).kind === 'missing' ? 'old' : at.side
  const commit = side === 'new' ? saved.commit : saved.base
  const file = await readText({ repo, path, commit })
  if (file.kind === 'missing') throw new ControlError('file.not_found', `${snapshot.id} has no file ${path} in ${repo}${side === 'old' ? ' on its old side' : ''}`, { hint: `See which files it changes: signalbox diff ${snapshot.id} --stat` })
  const anchor = { repo, path, side, snapshot: snapshot.id, commit }
  if (from === undefined || to === undefined) return anchor
  if (file.kind === 'unprintable') throw new ControlError('file.binary', `${path} in ${repo} is no text whose lines can be counted`, { hint: `Comment on the file as a whole: --at ${repo}:${path}` })
  const lines = splitLines(file.text)
  if (to > lines.length) throw new ControlError('line.not_found', `${path} in ${repo} has ${lines.length} lines${side === 'old' ? ' on its old side' : ''}, and none with the number ${to}`, { hint: `See them: signalbox diff ${snapshot.id} --repo ${repo}` })
  return { ...anchor, lines: { from, to, hash: hashOf(lines, { from, to }) } }
}

/** Says where a finding is, in one word: `api/src/a.ts:4-6`. */
export function sayPlace({ anchor, place, state }: FindingView): string | null {
  if (anchor === null) return null
  const lines = place === null ? '' : `:${place.from}${place.to === place.from ? '' : `-${place.to}`}`
  const notes = [...(anchor.side === 'old' ? ['as it was before the change'] : []), ...(state === 'outdated' ? ['what it was put on is gone'] : [])]
  return `${anchor.repo}/${anchor.path}${lines}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`
}

function createReader({ snapshots, repoPaths }: Pick<Services, 'snapshots' | 'repoPaths'>): ReadText {
  const read = new Map<string, Promise<SavedText>>()
  return ({ repo, path, commit }) => {
    const key = `${repo}\0${commit}\0${path}`
    const known = read.get(key) ?? repoPaths.sourceOf(repo).then((source) => snapshots.readText(source, commit, path))
    read.set(key, known)
    return known
  }
}

async function placeFinding(readText: ReadText, anchor: Anchor | undefined, round: Snapshot | undefined): Promise<Placed> {
  const nowhere = { place: undefined, gone: false, because: undefined, lines: undefined }
  if (anchor === undefined) return nowhere
  try {
    return await (anchor.lines === undefined ? placeFile(readText, anchor, round) : placeIn(readText, anchor, anchor.lines, round))
  } catch (error) {
    return { ...nowhere, because: `Nobody knows where it is: ${becauseOf(error)}` }
  }
}

async function placeFile(readText: ReadText, anchor: Anchor, round: Snapshot | undefined): Promise<Placed> {
  const commit = commitIn(anchor, round)
  const gone = commit !== undefined && commit !== anchor.commit && (await readText({ ...anchor, commit })).kind === 'missing'
  return { place: undefined, gone, because: gone ? `${round?.id} has no such file` : undefined, lines: undefined }
}

async function placeIn(readText: ReadText, anchor: Anchor, range: NonNullable<Anchor['lines']>, round: Snapshot | undefined): Promise<Placed> {
  const before = await readText(anchor)
  const seen = before.kind === 'text' ? splitLines(before.text) : []
  if (before.kind !== 'text' || hashOf(seen, range) !== range.hash) throw new ControlError('record.quarantined', `${anchor.path} in ${anchor.snapshot} is not what the finding was put on`)
  const lines = seen.slice(range.from - 1, Math.min(range.to, range.from - 1 + SHOWN_LINES))
  const commit = commitIn(anchor, round)
  if (commit === anchor.commit) return { place: range, gone: false, because: undefined, lines }
  const after = commit === undefined ? undefined : await readText({ ...anchor, commit })
  const place = after?.kind === 'text' ? placeLines(seen, range, splitLines(after.text)) : undefined
  if (place !== undefined || round === undefined) return { place, gone: false, because: undefined, lines }
  return { place, gone: true, because: `${round.id} does not have ${range.from === range.to ? 'this line' : 'these lines'} any more`, lines }
}

/** The commit that has, in a round, the side that a finding is on. */
function commitIn({ repo, side }: Anchor, round: Snapshot | undefined): Anchor['commit'] | undefined {
  const saved = round?.repos.find((one) => one.repo === repo)
  return side === 'new' ? saved?.commit : saved?.base
}

function hashOf(lines: readonly string[], { from, to }: LineRange): string {
  return sha256(anchoredText(lines.slice(from - 1, to)))
}

function view({ id, text, by, at, from, anchor, state, replies }: Finding, { place, gone, because, lines }: Placed): FindingView {
  return {
    id,
    state: state === 'open' && gone ? 'outdated' : state,
    text,
    by: from?.by ?? by,
    at: from?.at ?? at,
    from: from === undefined ? null : { run: from.run, finding: from.finding },
    anchor: anchor === undefined ? null : { repo: anchor.repo, path: anchor.path, side: anchor.side, snapshot: anchor.snapshot, lines: anchor.lines ?? null },
    lines: lines === undefined ? null : [...lines],
    place: place === undefined || anchor === undefined ? null : { side: anchor.side, from: place.from, to: place.to },
    because: because ?? null,
    replies: [...replies],
  }
}
