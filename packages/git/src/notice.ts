import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import type { Oid } from '@signalbox/core'
import { refuseLinks } from './checkout-place.ts'
import { isMissing } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { beginScan } from './observe.ts'
import { diskPath } from './raw-diff.ts'
import { gitOfScan, splitNames } from './scan.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/**
 * Looks what of a checkout differs from what was captured of it last, while its processes go on. Returns a text that is another one
 * whenever any of that was written again; undefined when nothing differs. One git, which only reads.
 * @throws ControlError `git.*` when the checkout is gone, `disk.unwritable` when a link lies in its place
 */
export async function noticeChanges(layout: Layout, vault: Vault, checkout: CheckoutRef, base: Oid): Promise<string | undefined> {
  refuseLinks(checkout.path)
  return withWorkDir(layout.work, async (dir) => {
    const scan = await beginScan(layout, vault, { checkout, base, dir })
    const { stdout } = await gitOfScan(scan)(['ls-files', '-z', '--modified', '--deleted', '--others', '--exclude-standard'])
    if (stdout.length === 0) return undefined
    const hash = createHash('sha256')
    for (const name of splitNames(stdout)) hash.update(`${name}\0${stampOf(checkout.path, name)}\0`)
    return hash.digest('hex')
  })
}

/** When and how large a file was written; it may be gone by now. */
function stampOf(checkout: string, name: string): string {
  try {
    const { mtimeNs, ctimeNs, size, mode, ino } = lstatSync(diskPath(checkout, name), { bigint: true })
    return [mtimeNs, ctimeNs, size, mode, ino].join(' ')
  } catch (error) {
    if (isMissing(error)) return 'gone'
    throw error
  }
}
