import type { FindingId, FindingView, SnapshotId } from '@signalbox/core'
import { rowOfLine, type NoteRow, type NoteRows, type ViewMode } from './layout.ts'
import { hunkAt } from './patch-index.ts'
import { kind } from './patch-kind.ts'
import type { ReviewFile } from './review-files.ts'

/** A finding in the diff that is shown: `line` is the last one it is on, undefined for the file as a whole. */
export interface FoundPlace {
  readonly id: FindingId
  readonly repo: string
  readonly path: string
  readonly side: 'new' | 'old'
  readonly line: number | undefined
}

/** Returns where findings are in a diff of a round: where they lie by now in the latest one, where they were put in an older one. `since`: its old side is no base. */
export function placesIn(findings: readonly FindingView[], { latest, shown, since }: { readonly latest: SnapshotId | null; readonly shown: SnapshotId; readonly since: boolean }): readonly FoundPlace[] {
  return findings.flatMap(({ id, anchor, place }) => {
    if (anchor === null || (since && anchor.side === 'old')) return []
    const lines = shown === latest ? place : anchor.snapshot === shown ? anchor.lines : null
    if (lines === null && anchor.lines !== null) return []
    return [{ id, repo: anchor.repo, path: anchor.path, side: anchor.side, line: lines?.to }]
  })
}

/** Returns the rows for what was found on lines that the diff shows; the rest is in the list of findings only. */
export function noteRows(files: readonly ReviewFile[], mode: ViewMode, places: readonly FoundPlace[]): NoteRows {
  const rows = new Map<number, NoteRow[]>()
  for (const { id, repo, path, side, line } of places) {
    const found = files.filter((file) => file.repo.name === repo && (side === 'old' ? (file.oldPath ?? file.path) : file.path) === path && file.body < file.end)
    const [hit] = found.flatMap((file) => {
      const at = line === undefined ? -1 : findLine(file, side, line)
      return at === undefined ? [] : [{ file, after: at === -1 ? -1 : rowOfLine(file, mode, at) }]
    })
    if (hit !== undefined) rows.set(hit.file.number, [...(rows.get(hit.file.number) ?? []), { id, after: hit.after }].toSorted((a, b) => a.after - b.after))
  }
  return rows
}

/** Returns the line of the patch that has this number on one side of a file; undefined where the diff does not show it. */
export function findLine({ repo: { index }, body, end }: ReviewFile, side: 'new' | 'old', number: number): number | undefined {
  const { kinds, hunks } = index
  const starts = side === 'new' ? hunks.newStarts : hunks.oldStarts
  const own = side === 'new' ? kind.added : kind.removed
  let next = 0
  for (let line = body; line < end; line++) {
    if (kinds[line] === kind.hunk) next = starts[hunkAt(index, line)] ?? 0
    else if (kinds[line] === kind.context || kinds[line] === own) {
      if (next === number) return line
      next++
    }
  }
  return undefined
}
