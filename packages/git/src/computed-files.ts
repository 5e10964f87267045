import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conversionOf } from './conversion.ts'
import { checkOutAsHuman, localizeExact } from './convert-checkout.ts'
import { readHumanSettings } from './human-settings.ts'
import type { SavedFiles } from './saved-files.ts'
import { gitOfScan } from './scan.ts'
import type { SourceRef } from './source-ref.ts'
import { readAttributesFiles } from './tree-attributes.ts'
import { withWorkDir } from './work-dir.ts'
import type { WorkspaceTools } from './workspace.ts'

/**
 * Returns the files of a snapshot with their bytes on disk: of one that was computed in the vault, those that its human's git
 * would write, as a tree in the vault.
 * @throws ControlError `repo.filter_not_allowed`, `git.*`
 */
export async function withBytes({ git, layout, vaults, filters, env }: WorkspaceTools, source: SourceRef, saved: SavedFiles): Promise<SavedFiles> {
  const { commit, exactTree, computed } = saved
  if (computed !== true || exactTree !== undefined) return saved
  const vault = await vaults.open(source)
  const [settings, inTree] = await Promise.all([readHumanSettings(git, env, source), readAttributesFiles(vault.git, commit)])
  const conversion = conversionOf(filters, { path: source.path, settings, inTree })
  if (conversion?.writesOtherBytes !== true) return saved
  return withWorkDir(layout.work, async (dir) => {
    const scan = { vault, checkout: join(dir, 'files'), index: join(dir, 'index'), excludes: join(dir, 'excludes') }
    mkdirSync(scan.checkout)
    writeFileSync(scan.excludes, '')
    await gitOfScan(scan)(['read-tree', '--reset', '-u', commit])
    const exact = await checkOutAsHuman(scan, { filters, source, dir: join(dir, 'convert'), conversion, commit })
    await localizeExact(vault, commit, exact)
    return { ...saved, exactTree: exact }
  })
}
