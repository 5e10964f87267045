import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { oidSchema, type Oid } from '@signalbox/core'
import { keepConversion, viewOf, writeConvertDir } from './convert-view.ts'
import type { Conversion } from './conversion.ts'
import type { Filters } from './filters.ts'
import { identityOf, type HumanSettings } from './human-settings.ts'
import { copyIndex } from './index-file.ts'
import type { Layout } from './layout.ts'
import { localizeChange } from './localize.ts'
import { parseRawDiff, showPath } from './raw-diff.ts'
import type { NewGitDir } from './run-git-dir.ts'
import { exactOf, type SavedFiles } from './saved-files.ts'
import { addAll, gitOfScan, type Scan } from './scan.ts'
import type { CheckoutRef, SourceRef } from './source-ref.ts'
import { markWriter } from './survivors.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** The index that a human's git would have of a checkout, beside ours, which is about the bytes on disk. */
export function humanIndex(index: string): string {
  return `${index}.human`
}

interface FreshCheckout {
  readonly filters: Filters
  /** The repository whose files they are. */
  readonly source: SourceRef
  /** Where the git directory that converts is written. */
  readonly dir: string
  readonly conversion: Conversion
  readonly commit: Oid
}

/**
 * Makes a checkout, whose files lie there as they are stored, what the human's git would have made of it. Writes an index for
 * each of the two views, and returns the tree of the bytes that then lie there.
 */
export async function checkOutAsHuman(scan: Scan, { filters, source, dir, conversion, commit }: FreshCheckout): Promise<Oid> {
  writeConvertDir(scan.vault, dir, { conversion, head: commit, allowed: filters.allowedOf(source.path, conversion.drivers) })
  const human = humanIndex(scan.index)
  if (conversion.writesOtherBytes) {
    await rm(human, { force: true })
    await gitOfScan({ ...scan, vault: viewOf(scan.vault, dir), index: human })(['read-tree', '--reset', '-u', commit], { env: markWriter(scan.checkout) })
    await addAll(scan)
  } else {
    copyIndex(scan.index, human)
  }
  return oidSchema.parse((await gitOfScan(scan)(['write-tree'])).text.trim())
}

/** Does so for the checkout of a run, and keeps how, and which bytes the run began with. */
export async function convertCheckout({ layout, filters }: { readonly layout: Layout; readonly filters: Filters }, { run, source, path }: CheckoutRef, { vault, index, conversion, base }: { readonly vault: Vault; readonly index: string; readonly conversion: Conversion; readonly base: Oid }): Promise<void> {
  const scan = { vault, checkout: path, index, excludes: layout.excludes(run, source.repo) }
  const exact = await withWorkDir(layout.work, (dir) => checkOutAsHuman(scan, { filters, source, dir: join(dir, 'convert'), conversion, commit: base }))
  await localizeExact(vault, base, exact)
  await keepConversion(vault, run, exact, { ...conversion, base })
}

/**
 * The same for a checkout that holds the bytes of a snapshot already: they stay as they lie. Writes the index that the human's git
 * would have of them.
 */
export async function convertSaved({ layout, filters }: { readonly layout: Layout; readonly filters: Filters }, { run, source, path }: CheckoutRef, { vault, index, conversion, saved }: { readonly vault: Vault; readonly index: string; readonly conversion: Conversion; readonly saved: SavedFiles }): Promise<void> {
  const { commit } = saved
  const exact = oidSchema.parse((await vault.git(['rev-parse', '--verify', `${exactOf(saved)}^{tree}`])).text.trim())
  await withWorkDir(layout.work, async (dir) => {
    const view = join(dir, 'convert')
    writeConvertDir(vault, view, { conversion, head: commit, allowed: filters.allowedOf(source.path, conversion.drivers) })
    const git = gitOfScan({ vault: viewOf(vault, view), checkout: path, index: humanIndex(index), excludes: layout.excludes(run, source.repo) })
    await rm(humanIndex(index), { force: true })
    await git(['read-tree', commit])
    await git(['update-index', '-q', '--refresh'], { okExits: [0, 1] }) // 1: some are stored otherwise than they would be now
  })
  await keepConversion(vault, run, exact, { ...conversion, base: commit })
}

/** Makes sure that the vault itself holds what an exact tree has beyond another one. */
export async function localizeExact(vault: Vault, stored: Oid, exact: Oid): Promise<void> {
  const { stdout } = await vault.git(['diff-tree', '-r', '-z', '--raw', '--no-renames', stored, exact])
  const { changes } = parseRawDiff(stdout)
  if (changes.length > 0) await localizeChange(vault, changes, [exact])
}

/** What a git directory of ours takes from the human, so that git there does what their git does. */
export function settingsOfHuman(settings: HumanSettings, conversion: Conversion | undefined): Pick<NewGitDir, 'config' | 'excludes' | 'attributes'> {
  const { userAttributes, repoAttributes } = settings.conversion
  const own = { config: identityOf(settings), excludes: settings.repoExcludes }
  if (conversion === undefined) return own
  const programs = Object.assign({}, ...conversion.drivers.map((driver) => driver.settings)) as Readonly<Record<string, string>>
  return { ...own, config: { ...own.config, ...conversion.config, ...programs, 'core.attributesFile': showPath(userAttributes.path) }, attributes: repoAttributes.text }
}
