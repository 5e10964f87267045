import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ControlError, type SourceChange } from '@signalbox/core'
import { isLost, refuseLinks } from './checkout-place.ts'
import { fileIdOf, oidIn, readingRoom } from './content-id.ts'
import { lookAt } from './look-at.ts'
import { diskPath, showPath } from './raw-diff.ts'
import { readRecordedPath } from './recorded-path.ts'
import type { CheckoutRef } from './source-ref.ts'

/** Files of one source, with other changes among them, that go into a checkout of it. */
export interface TakenFiles {
  readonly checkout: CheckoutRef
  readonly changes: readonly SourceChange[]
}

/**
 * Copies files that changed in the sources during a run into its checkouts, bytes and kind as they lie there; what is gone
 * there goes here. The sources are only read. Nothing is copied anywhere unless all of it still is what was found.
 * @throws ControlError `record.changed_underneath` when a file changed again, `input.invalid` when one cannot be taken, `disk.unwritable` when a link lies in the place of a checkout
 */
export function takeFiles(taken: readonly TakenFiles[]): void {
  for (const { checkout } of taken) refuseLost(checkout)
  const files = taken.flatMap(({ checkout: { source, path }, changes }) => changes.filter(({ what, after }) => what === 'file' && after !== null).map((change) => ({ source: source.path, path, name: readRecordedPath(change.name), after: change.after })))
  for (const { source, name, after } of files) refuseChanged(source, name, after)
  const goes = new Set(files.filter(isGone).map(({ path, name }) => keyOf(path, name)))
  for (const { path, name } of files) refuseLeadingOut(path, name, goes)
  // First what goes: it may be a link in the place of a folder that others are copied into.
  for (const { path, name } of files.filter(isGone)) rmSync(diskPath(path, name), { force: true })
  for (const { source, path, name } of files.filter((file) => !isGone(file))) takeFile({ from: source, to: path, name })
}

function isGone({ after }: Pick<SourceChange, 'after'>): boolean {
  return after === 'missing'
}

/** A place that two names lead to is one. */
function keyOf(root: string, name: string): string {
  return diskPath(root, name).toString('latin1')
}

/** What is taken into a checkout that is gone would be all there is in it, and the rest would count as deleted. */
function refuseLost({ path }: CheckoutRef): void {
  refuseLinks(path)
  if (isLost(path)) throw new ControlError('input.invalid', `There is no checkout at ${path} any more, so nothing was taken`, { hint: 'Start a new run, and copy by hand into its workspace what you want of it' })
}

function refuseChanged(root: string, name: string, after: string | null): void {
  const path = `${root}/${showPath(name)}`
  const now = fileIdOf(diskPath(root, name), { hash: oidIn(after)?.length === 64 ? 'sha256' : 'sha1', room: readingRoom(), like: after ?? undefined })
  if (after === 'folder' || after === 'special' || after === 'unreadable') {
    throw new ControlError('input.invalid', `${path} cannot be taken into the run, it is ${after === 'folder' ? 'a repository of its own' : after}`, { hint: 'Copy by hand what you want of it into the workspace, then seal' })
  }
  if ((now ?? 'missing') !== after) throw new ControlError('record.changed_underneath', `${path} changed again since the run ended, so nothing was taken`, { hint: 'Copy by hand what you want of it into the workspace, then seal' })
}

/** An agent may have put a link where a folder was: what is copied must not follow it out of the workspace. What `goes` is removed before. */
function refuseLeadingOut(root: string, name: string, goes: ReadonlySet<string>): void {
  const parts = name.split('/')
  const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))
  const wrong = parents.find((parent) => lookAt(diskPath(root, parent))?.isDirectory() === false)
  if (wrong !== undefined && goes.has(keyOf(root, wrong))) return
  const there = wrong !== undefined ? undefined : lookAt(diskPath(root, name))
  if (wrong === undefined && there?.isDirectory() !== true) return
  throw new ControlError('input.invalid', `${showPath(wrong ?? name)} in the workspace stands where ${showPath(name)} would be copied, so nothing was taken`, { hint: 'Move it away in the workspace, then try again' })
}

function takeFile(way: { readonly from: string; readonly to: string; readonly name: string }): void {
  const [from, to] = [diskPath(way.from, way.name), diskPath(way.to, way.name)]
  if (isSameFile(from, to)) return
  // Read before anything is removed: whatever stops this, one of both is still there.
  const kind = lstatSync(from)
  const bytes = kind.isSymbolicLink() ? readlinkSync(from, 'buffer') : readFileSync(from)
  mkdirSync(diskPath(way.to, dirname(way.name)), { recursive: true })
  rmSync(to, { force: true })
  if (kind.isSymbolicLink()) return symlinkSync(bytes, to)
  writeFileSync(to, bytes, { flag: 'wx' })
  chmodSync(to, (kind.mode & 0o100) === 0 ? 0o644 : 0o755)
}

/** Tells whether two paths are names of one file, as hard links are: what it holds is taken already. */
function isSameFile(one: Buffer, other: Buffer): boolean {
  const [a, b] = [one, other].map((path) => lookAt(path))
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev
}
