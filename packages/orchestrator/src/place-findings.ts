import { latestRound, placeLines, splitLines, type Anchor, type Finding, type FindingView, type Known, type LineRange, type Run, type Snapshot } from '@signalbox/core'
import { hashOf } from './anchor-at.ts'
import type { SavedText } from './git-ports.ts'
import { look } from './look.ts'
import type { Services } from './services.ts'

type FileAt = Pick<Anchor, 'repo' | 'path' | 'commit'>
/** What is known of files of saved commits that were read before. */
type Files = (file: FileAt) => Known<SavedText>

/** Where a finding lies by now. `gone` is known to be; without a place and not gone, it is on no lines, or nobody could look. */
interface Placed {
  readonly place: LineRange | undefined
  readonly gone: boolean
  readonly because: string | undefined
  readonly lines: readonly string[] | undefined
}

const nowhere: Placed = { place: undefined, gone: false, because: undefined, lines: undefined }

/** Lines of an anchor that are shown. */
const SHOWN_LINES = 20

/** Returns findings as they lie in a round of the run, the latest one by default. What cannot be read is said of each finding that needs it. */
export async function placeFindings(services: Pick<Services, 'snapshots' | 'repoPaths'>, run: Run, findings: readonly Finding[], round: Snapshot | undefined = latestRound(run)): Promise<readonly FindingView[]> {
  const wanted = findings.flatMap(({ anchor }): readonly FileAt[] => {
    const commit = anchor === undefined ? undefined : commitIn(anchor, round)
    return anchor === undefined ? [] : [anchor, ...(commit === undefined ? [] : [{ ...anchor, commit }])]
  })
  const files = await readFiles(services, wanted)
  return findings.map((finding) => view(finding, finding.anchor === undefined ? nowhere : place(files, finding.anchor, round)))
}

/** Reads all that is wanted of one commit at once. */
async function readFiles({ snapshots, repoPaths }: Pick<Services, 'snapshots' | 'repoPaths'>, wanted: readonly FileAt[]): Promise<Files> {
  const firsts = new Map(wanted.map((file) => [groupOf(file), file]))
  const read = new Map(
    await Promise.all(
      Array.from(firsts, async ([key, { repo, commit }]) => {
        const paths = [...new Set(wanted.filter((file) => groupOf(file) === key).map(({ path }) => path))]
        const texts = await look(async () => snapshots.readTexts(await repoPaths.sourceOf(repo), commit, paths))
        return [key, { paths, texts }] as const
      }),
    ),
  )
  return (file) => {
    const group = read.get(groupOf(file))
    const text = group?.texts.known === true ? group.texts.value[group.paths.indexOf(file.path)] : undefined
    if (text !== undefined) return { known: true, value: text }
    return { known: false, because: group?.texts.known === false ? group.texts.because : 'nobody looked' }
  }
}

function groupOf({ repo, commit }: FileAt): string {
  return `${repo}\0${commit}`
}

function place(files: Files, anchor: Anchor, round: Snapshot | undefined): Placed {
  return anchor.lines === undefined ? placeFile(files, anchor, round) : placeIn(files, anchor, anchor.lines, round)
}

function placeFile(files: Files, anchor: Anchor, round: Snapshot | undefined): Placed {
  const commit = commitIn(anchor, round)
  if (commit === undefined || commit === anchor.commit) return nowhere
  const now = files({ ...anchor, commit })
  if (!now.known) return unknown(now.because)
  return now.value.kind === 'missing' ? { ...nowhere, gone: true, because: `${round?.id} has no such file` } : nowhere
}

function placeIn(files: Files, anchor: Anchor, range: LineRange & { readonly hash: string }, round: Snapshot | undefined): Placed {
  const before = files(anchor)
  if (!before.known) return unknown(before.because)
  const seen = before.value.kind === 'text' ? splitLines(before.value.text) : []
  if (hashOf(seen, range) !== range.hash) return unknown(`${anchor.path} in ${anchor.snapshot} is not what it was put on`)
  const found = { ...nowhere, lines: seen.slice(range.from - 1, Math.min(range.to, range.from - 1 + SHOWN_LINES)) }
  const commit = commitIn(anchor, round)
  if (round === undefined || commit === anchor.commit) return { ...found, place: { from: range.from, to: range.to } }
  const after = commit === undefined ? undefined : files({ ...anchor, commit })
  if (after?.known === false) return { ...found, because: sayUnknown(after.because) }
  const moved = after?.value.kind === 'text' ? placeLines(seen, range, splitLines(after.value.text)) : undefined
  return moved === undefined ? { ...found, gone: true, because: `${round.id} does not have ${range.from === range.to ? 'this line' : 'these lines'} any more` } : { ...found, place: moved }
}

/** A failed look: where it is, is not known, and it is not gone for that. */
function unknown(because: string): Placed {
  return { ...nowhere, because: sayUnknown(because) }
}

function sayUnknown(because: string): string {
  return `Nobody knows where it is: ${because}`
}

/** The commit that has, in a round, the side that a finding is on. */
function commitIn({ repo, side }: Anchor, round: Snapshot | undefined): Anchor['commit'] | undefined {
  const saved = round?.repos.find((one) => one.repo === repo)
  return side === 'new' ? saved?.commit : saved?.base
}

function view({ id, text, by, at, from, anchor, state, replies }: Finding, { place: range, gone, because, lines }: Placed): FindingView {
  return {
    id,
    state: state === 'open' && gone ? 'outdated' : state,
    text,
    by: from?.by ?? by,
    at: from?.at ?? at,
    from: from === undefined ? null : { run: from.run, finding: from.finding },
    anchor: anchor === undefined ? null : { repo: anchor.repo, path: anchor.path, side: anchor.side, snapshot: anchor.snapshot, lines: anchor.lines ?? null },
    lines: lines === undefined ? null : [...lines],
    place: range === undefined || anchor === undefined ? null : { side: anchor.side, from: range.from, to: range.to },
    because: because ?? null,
    replies: [...replies],
  }
}
