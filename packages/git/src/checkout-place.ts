import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ControlError } from '@signalbox/core'
import { unlessClosed } from './closed-folder.ts'
import { lookAt } from './look-at.ts'

/** What lies where a checkout was made: the checkout, a link that leads to somebody else's, or nothing that can be one. */
export type CheckoutPlace = 'there' | 'link' | 'gone'

/**
 * Looks at the folder of a checkout and at the one around it, and follows no link: an agent may have put one in the place of
 * either. An agent may also remove its own folder, or everything in it. One that may not be looked into counts as there: a look at its files says so.
 */
export function readPlace(path: string): CheckoutPlace {
  if (findLink(path) !== undefined) return 'link'
  return unlessClosed(() => lookAt(path)?.isDirectory() === true && readdirSync(path).length > 0, true) ? 'there' : 'gone'
}

/** Says whether there is no checkout of ours at a path any more. */
export function isLost(path: string): boolean {
  return readPlace(path) !== 'there'
}

/** @throws ControlError `disk.unwritable` when a link lies in the place of a folder of ours, or of the one around it: below it lies somebody else's */
export function refuseLinks(path: string): void {
  const link = findLink(path)
  if (link === undefined) return
  throw new ControlError('disk.unwritable', `${link} is a link now and no folder of ours`, { hint: 'Look where it leads, and delete the link yourself', data: { path: link } })
}

/** Through one that may not be entered, nobody gets to what lies behind a link in it. */
function findLink(path: string): string | undefined {
  return [dirname(path), path].find((place) => unlessClosed(() => lookAt(place)?.isSymbolicLink() === true, false))
}
