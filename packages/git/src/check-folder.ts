import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, oidSchema, type Oid } from '@signalbox/core'
import { refuseLinks } from './checkout-place.ts'
import { conversionOf } from './conversion.ts'
import { checkOutAsHuman, humanIndex, settingsOfHuman } from './convert-checkout.ts'
import { readIfThere } from './git-dir.ts'
import { readHumanSettings } from './human-settings.ts'
import { copyIndex } from './index-file.ts'
import { removeTree } from './remove-tree.ts'
import { writeGitDir } from './run-git-dir.ts'
import { addAll, gitOfScan, refuseUnread, type Scan } from './scan.ts'
import type { SourceRef } from './source-ref.ts'
import { readWrittenAttributes } from './tree-attributes.ts'
import { storesOf, type Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'
import { clearLock, markWriter } from './survivors.ts'
import type { WorkspaceTools } from './workspace.ts'

/**
 * Brings a kept check folder to exactly this commit; ignored files, such as installed dependencies, stay. What checks
 * left of a git directory goes unseen and is replaced: commands there may call git, ours never does.
 */
export async function resetCheckFolder({ git, layout, vaults, filters, env }: WorkspaceTools, source: SourceRef, path: string, commit: Oid): Promise<void> {
  refuseLinks(path) // a check may have put one there
  const [vault, settings] = await Promise.all([vaults.open(source), readHumanSettings(git, env, source)])
  const scan = scanOf(layout.checkIndex(path), vault, path)
  mkdirSync(dirname(scan.index), { recursive: true })
  await clearLock(path, `${scan.index}.lock`) // the caller holds the lock of the checks
  writeFileSync(scan.excludes, settings.excludes)
  await removeTree(join(path, '.git'))
  await checkOutAnew(scan, commit)
  const conversion = conversionOf(filters, { path: source.path, settings, inTree: readWrittenAttributes(path, scan.index, commit) })
  await rm(asStored(scan.index), { force: true })
  if (conversion !== undefined) {
    const exact = await withWorkDir(layout.work, (dir) => checkOutAsHuman(scan, { filters, source, dir: join(dir, 'convert'), conversion, commit }))
    const { text } = await vault.git(['rev-parse', '--verify', `${commit}^{tree}`])
    writeFileSync(asStored(scan.index), `${exact} ${text}`)
  }
  writeGitDir({ dir: join(path, '.git'), modelConfig: join(vault.dir, 'config'), bare: false, stores: [join(vault.dir, 'objects'), ...storesOf(source)], head: commit, refs: {}, ...settingsOfHuman(settings, conversion) })
  copyIndex(conversion === undefined ? scan.index : humanIndex(scan.index), join(path, '.git', 'index'))
}

/** File beside our index of a check folder that converts: the tree of the bytes it began with, and the tree they are stored as. */
function asStored(index: string): string {
  return `${index}.stored`
}

/** Returns the tree that what a check folder holds now is stored as, ignored files left out. Nothing is kept of the look. */
export async function readCheckTree({ layout, vaults }: WorkspaceTools, source: SourceRef, path: string): Promise<Oid> {
  refuseLinks(path)
  const vault = await vaults.open(source)
  const kept = scanOf(layout.checkIndex(path), vault, path)
  return withWorkDir(layout.work, async (dir) => {
    const scratch = join(dir, 'objects')
    mkdirSync(scratch)
    const scan = { ...kept, index: join(dir, 'index'), scratch }
    copyIndex(kept.index, scan.index)
    refuseUnread(scan, await addAll(scan))
    const { text } = await gitOfScan(scan)(['write-tree'])
    const [exact = '', stored = ''] = (readIfThere(asStored(kept.index)) ?? '').split(/\s/)
    return oidSchema.parse(text.trim() === exact ? stored : text.trim())
  })
}

function scanOf(index: string, vault: Vault, checkout: string): Scan {
  return { vault, checkout, index, excludes: `${index}.exclude` }
}

async function checkOutAnew(scan: Scan, commit: Oid): Promise<void> {
  if (!existsSync(scan.checkout)) await rm(scan.index, { force: true })
  mkdirSync(scan.checkout, { recursive: true })
  try {
    await checkOut(scan, commit)
  } catch (error) {
    if (!hasCode(error, 'git.command_failed')) throw error
    // Something git will not overwrite, such as a repository inside. The folder is ours: it is made from nothing.
    await removeTree(scan.checkout)
    await rm(scan.index, { force: true })
    mkdirSync(scan.checkout, { recursive: true })
    await checkOut(scan, commit)
  }
}

async function checkOut(scan: Scan, commit: Oid): Promise<void> {
  const git = gitOfScan(scan)
  await git(['read-tree', '--reset', '-u', commit], { env: markWriter(scan.checkout) })
  await git(['clean', '-ffd', '--quiet'])
}
