import { anchoredText, ControlError, count, splitLines, type Anchor, type LineRange, type Snapshot } from '@signalbox/core'
import { sha256 } from './approval-key.ts'
import type { SavedText } from './git-ports.ts'
import type { Services } from './services.ts'

/** Where somebody points: a file, or lines of it by their numbers from 1. */
type Pointed = Pick<Anchor, 'repo' | 'path' | 'side'> & { readonly from?: number | undefined; readonly to?: number | undefined }

/** Makes the anchor of a new finding. A file that the change removes is on its old side. @throws ControlError `repo.not_found`, `file.not_found`, `file.binary`, `line.not_found` */
export async function anchorAt(services: Pick<Services, 'snapshots' | 'repoPaths'>, snapshot: Snapshot, at: Pointed): Promise<Anchor> {
  const { repo, path, from, to = from } = at
  const saved = snapshot.repos.find((one) => one.repo === repo)
  if (saved === undefined) throw new ControlError('repo.not_found', `${snapshot.id} has no repo ${repo}`, { hint: `It holds ${snapshot.repos.map((one) => one.repo).join(', ')}` })
  const source = await services.repoPaths.sourceOf(repo)
  const read = async (side: Anchor['side']): Promise<SavedText | undefined> => (await services.snapshots.readTexts(source, side === 'new' ? saved.commit : saved.base, [path]))[0]
  const side = at.side === 'new' && from === undefined && (await read('new'))?.kind === 'missing' ? 'old' : at.side
  const file = await read(side)
  if (file === undefined || file.kind === 'missing') throw new ControlError('file.not_found', `${snapshot.id} has no file ${path} in ${repo}${sayOld(side)}`, { hint: `See which files it changes: signalbox diff ${snapshot.id} --stat` })
  const anchor = { repo, path, side, snapshot: snapshot.id, commit: side === 'new' ? saved.commit : saved.base }
  if (from === undefined || to === undefined) return anchor
  if (file.kind === 'unprintable') throw new ControlError('file.binary', `${path} in ${repo} is no text whose lines can be counted`, { hint: `Comment on the file as a whole: --at ${repo}:${path}` })
  const lines = splitLines(file.text)
  if (to > lines.length) throw new ControlError('line.not_found', `${path} in ${repo} has ${count(lines.length, 'line')}${sayOld(side)}, and none with the number ${to}`, { hint: `See them: signalbox diff ${snapshot.id} --repo ${repo}` })
  return { ...anchor, lines: { from, to, hash: hashOf(lines, { from, to }) } }
}

/** Returns the hash that anchors lines of a file. */
export function hashOf(lines: readonly string[], { from, to }: LineRange): string {
  return sha256(anchoredText(lines.slice(from - 1, to)))
}

function sayOld(side: Anchor['side']): string {
  return side === 'old' ? ' on its old side' : ''
}
