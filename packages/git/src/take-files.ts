import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ControlError, type SourceChange } from '@signalbox/core'
import { contentIdOf, oidIn, readingRoom } from './content-id.ts'
import type { CheckoutRef } from './source-ref.ts'

/**
 * Copies files that changed in the source during a run into its checkout, bytes and kind as they lie there; what is gone
 * there goes here. The source is only read. Nothing is copied unless all of it still is what was found.
 * @throws ControlError `record.changed_underneath` when a file changed again, `input.invalid` when one cannot be taken
 */
export function takeFiles({ source, path: checkout }: CheckoutRef, changes: readonly SourceChange[]): void {
  const files = changes.filter(({ what, after }) => what === 'file' && after !== null)
  for (const change of files) refuseChanged(source.path, change)
  for (const { name } of files) refuseLeadingOut(checkout, name)
  for (const { name, after } of files) takeFile(join(source.path, name), join(checkout, name), after)
}

function refuseChanged(root: string, { name, after }: SourceChange): void {
  const path = join(root, name)
  const now = contentIdOf(path, { hash: oidIn(after)?.length === 64 ? 'sha256' : 'sha1', room: readingRoom(), like: after ?? undefined })
  if (after === 'folder' || after === 'special' || after === 'unreadable') {
    throw new ControlError('input.invalid', `${path} cannot be taken into the run, it is ${after === 'folder' ? 'a repository of its own' : after}`, { hint: 'Copy by hand what you want of it into the workspace, then seal' })
  }
  if ((now ?? 'missing') !== after) throw new ControlError('record.changed_underneath', `${path} changed again since the run ended, so nothing was taken`, { hint: 'Copy by hand what you want of it into the workspace, then seal' })
}

/** An agent may have put a link where a folder was: what is copied must not follow it out of the workspace. */
function refuseLeadingOut(root: string, name: string): void {
  const parts = name.split('/')
  const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))
  const wrong = parents.find((parent) => lstatSync(join(root, parent), { throwIfNoEntry: false })?.isDirectory() === false)
  const there = lstatSync(join(root, name), { throwIfNoEntry: false })
  if (wrong === undefined && there?.isDirectory() !== true) return
  throw new ControlError('input.invalid', `${wrong ?? name} in the workspace stands where ${name} would be copied, so nothing was taken`, { hint: 'Move it away in the workspace, then try again' })
}

function takeFile(from: string, to: string, id: string | null): void {
  rmSync(to, { force: true })
  if (id === 'missing') return
  mkdirSync(dirname(to), { recursive: true })
  const kind = lstatSync(from)
  if (kind.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to)
    return
  }
  writeFileSync(to, readFileSync(from), { flag: 'wx' })
  chmodSync(to, (kind.mode & 0o100) === 0 ? 0o644 : 0o755)
}
