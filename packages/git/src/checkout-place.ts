import { lstatSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ControlError } from '@signalbox/core'

/** What lies where a checkout was made: the checkout, a link that leads to somebody else's, or nothing that can be one. */
export type CheckoutPlace = 'there' | 'link' | 'gone'

/**
 * Looks at the folder of a checkout and at the one around it, and follows no link: an agent may have put one in the place of
 * either. An agent may also remove its own folder, or everything in it.
 */
export function readPlace(path: string): CheckoutPlace {
  if (findLink(path) !== undefined) return 'link'
  return isFolder(path) && readdirSync(path).length > 0 ? 'there' : 'gone'
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

function findLink(path: string): string | undefined {
  return [dirname(path), path].find((place) => lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true)
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
