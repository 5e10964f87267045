import { constants, existsSync, lstatSync, realpathSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Oid } from '@signalbox/core'
import { refuseLinks } from './checkout-place.ts'
import { beginScan } from './observe.ts'
import { gitOfScan, splitNames } from './scan.ts'
import type { CheckoutRef } from './source-ref.ts'
import { withWorkDir } from './work-dir.ts'
import type { WorkspaceTools } from './workspace.ts'

/** What became of the files that were to be brought along. Paths from the top of the repository. */
export interface BroughtFiles {
  readonly brought: readonly string[]
  /** There is no file or folder of that name beside the source. */
  readonly missing: readonly string[]
  /** Git does not ignore them in the new checkout, so they would be part of the change; nothing was brought. */
  readonly unignored: readonly string[]
  /** A link leads to them, or lies where they would be put; nothing was brought. */
  readonly linked: readonly string[]
}

/**
 * Copies ignored files and folders that lie in the human's own checkout, such as `.env`, into a fresh checkout, by sharing blocks where the disk can. All of them, or none.
 * Links inside of a folder are copied as links; sockets, pipes and devices are left out.
 * @throws ControlError `disk.unwritable` when a link lies in the place of the checkout, `git.*`
 */
export async function bringFiles({ layout, vaults }: Pick<WorkspaceTools, 'layout' | 'vaults'>, checkout: CheckoutRef, base: Oid, paths: readonly string[]): Promise<BroughtFiles> {
  refuseLinks(checkout.path)
  const from = checkout.source.path
  const there = paths.filter((path) => existsSync(join(from, path)) && isCopied(join(from, path)))
  const missing = paths.filter((path) => !there.includes(path))
  const linked = there.filter((path) => isThroughLink(from, path) || isThroughLink(checkout.path, path))
  const ignored = there.length === 0 ? new Set<string>() : await listIgnored({ layout, vaults }, checkout, base, there)
  const unignored = there.filter((path) => !ignored.has(path))
  if (unignored.length + linked.length > 0) return { brought: [], missing, unignored, linked }
  for (const path of there) {
    const to = join(checkout.path, path)
    await mkdir(dirname(to), { recursive: true })
    await cp(join(from, path), to, { recursive: true, force: false, errorOnExist: false, verbatimSymlinks: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE, filter: isCopied })
  }
  return { brought: there, missing, unignored, linked }
}

/** A pipe or a socket holds nothing that could be copied. */
function isCopied(path: string): boolean {
  const found = lstatSync(path)
  return found.isFile() || found.isDirectory() || found.isSymbolicLink()
}

/** Returns those that git would leave out of the change, by the rules of the new checkout; what is tracked never is. */
async function listIgnored({ layout, vaults }: Pick<WorkspaceTools, 'layout' | 'vaults'>, checkout: CheckoutRef, base: Oid, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const vault = await vaults.open(checkout.source)
  return withWorkDir(layout.work, async (dir) => {
    const scan = await beginScan(layout, vault, { checkout, base, dir })
    const asked = paths.map((path) => (lstatSync(join(checkout.source.path, path)).isDirectory() ? `${path}/` : path))
    const { stdout } = await gitOfScan(scan)(['check-ignore', '-z', '--stdin'], { stdin: Buffer.from(asked.map((path) => `${path}\0`).join('')), okExits: [0, 1] })
    const names = splitNames(stdout).map((name) => Buffer.from(name, 'latin1').toString('utf8').replace(/\/$/, ''))
    return new Set(names)
  })
}

/** Tells whether any part of a path below `root`, as far as it is there, is a link. */
function isThroughLink(root: string, path: string): boolean {
  const top = realpathSync(root)
  const parts = path.split('/')
  return parts.some((_, index) => {
    const part = join(root, ...parts.slice(0, index + 1))
    return existsSync(part) && realpathSync(part) !== join(top, ...parts.slice(0, index + 1)).replaceAll('/', sep)
  })
}
