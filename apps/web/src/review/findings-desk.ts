import type { FindingId, FindingView, RepoName, RunView, Snapshot } from '@signalbox/core'
import { createMemo, createSignal } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { placesIn } from './note-rows.ts'
import { newNumberOf, oldNumberOf, textOf } from './patch-index.ts'
import type { ReviewFile } from './review-files.ts'

/** Where a comment is to be put. Without a number it is on the file. */
export interface CommentPlace {
  readonly repo: RepoName
  readonly path: string
  readonly side: 'new' | 'old'
  readonly number: number | undefined
  /** The line as it is shown. */
  readonly text: string
}

/** What the reviewer of a round is about to say; no place: of the run as a whole. */
export interface Commenting {
  readonly at: CommentPlace | undefined
}

interface Shown {
  readonly run: RunView
  readonly round: Snapshot
  readonly since: Snapshot | undefined
  /** One of the agent's own commits: its lines are not those of the round. */
  readonly commit: string | undefined
}

/** What was found in a run, and what is about to be said, shared by the diff and the list. */
export function createDesk(shown: () => Shown) {
  const query = useQuery(() => queries.findings(shown().run.id))
  const [commenting, setCommenting] = createSignal<Commenting>()
  const [wanted, goTo] = createSignal<FindingView | undefined>(undefined, { equals: false })
  const findings = (): readonly FindingView[] => query.data?.findings ?? []
  const places = createMemo(() => shown().commit !== undefined && shown().since === undefined ? [] : placesIn(findings(), { latest: query.data?.snapshot ?? null, shown: shown().round.id, since: shown().since !== undefined }))
  const canComment = (): boolean => shown().round.kind === 'round' && (shown().commit === undefined || shown().since !== undefined)
  const comment = (at: CommentPlace | undefined): void => {
    if (canComment()) setCommenting({ at })
  }
  return {
    query,
    findings,
    places,
    canComment,
    commenting,
    comment,
    stop: (): void => {
      setCommenting(undefined)
    },
    /** The finding to bring into sight. */
    wanted,
    goTo,
    find: (id: FindingId): FindingView | undefined => findings().find((finding) => finding.id === id),
    /** Comments on a line of the patch. Between two rounds the old side is no base, so there only the file is named. */
    pick: (file: ReviewFile, line: number | undefined): void => comment(placeOf(file, line, shown().since !== undefined)),
  }
}

export type Desk = ReturnType<typeof createDesk>

function placeOf(file: ReviewFile, line: number | undefined, since: boolean): CommentPlace {
  const { index, name: repo } = file.repo
  const isNew = line === undefined || newNumberOf(index, line) !== undefined
  const onFile = line === undefined || (since && !isNew)
  const path = isNew || onFile ? file.path : (file.oldPath ?? file.path)
  if (onFile) return { repo, path, side: 'new', number: undefined, text: '' }
  return { repo, path, side: isNew ? 'new' : 'old', number: isNew ? newNumberOf(index, line) : oldNumberOf(index, line), text: textOf(index, line) }
}
