import { hasCode, type Oid, type ReportedPath } from '@signalbox/core'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { conversionOf } from './conversion.ts'
import { storeAsHuman, viewOf, writeConvertDir, type ConvertView } from './convert-view.ts'
import type { Git } from './exec.ts'
import type { Filters } from './filters.ts'
import { readHumanSettings, type Environment } from './human-settings.ts'
import { showPath } from './raw-diff.ts'
import type { Scan } from './scan.ts'
import type { SourceRef } from './source-ref.ts'
import { isAttributesFile, readAttributesFiles } from './tree-attributes.ts'

export interface ConvertChangeRequest {
  readonly source: SourceRef
  readonly scan: Scan
  /** How the run began to convert; undefined where it did not. */
  readonly convert: ConvertView | undefined
  /** The bytes on disk. */
  readonly exact: Oid
  readonly saved: Change & { readonly tree: Oid }
}

/**
 * Returns the attributes files that a run changed, where the human's own `git add` of the same bytes would store something
 * else by them than was saved: what is reviewed would not be what they get.
 */
export async function findConvertingChange({ git, env, filters }: { readonly git: Git; readonly env: Environment; readonly filters: Filters }, { source, scan, convert, exact, saved }: ConvertChangeRequest): Promise<readonly ReportedPath[]> {
  const { vault } = scan
  const changed = filesOf(await readChangeList(vault, saved)).filter(({ path, from, to }) => [from, to].some((entry) => entry !== undefined && isAttributesFile(path, entry.mode)))
  if (changed.length === 0) return []
  const reported = changed.map(({ path }) => ({ path: showPath(path), reason: 'converting_attributes' as const }))
  const after = await openChanged()
  if (after === undefined) return reported
  const { tree, missing } = await storeAsHuman(scan, after, exact)
  return tree === saved.tree && missing.length === 0 ? [] : reported

  /** The view that the human's git will have once this has landed; undefined where a program would have to run. */
  async function openChanged(): Promise<ConvertView | undefined> {
    const begun = { base: convert?.base ?? saved.base, exactBase: convert?.exactBase ?? saved.base }
    try {
      const [settings, inTree] = await Promise.all([readHumanSettings(git, env, source), readAttributesFiles(vault.git, exact)])
      const conversion = conversionOf(filters, { path: source.path, settings, inTree })
      if (conversion === undefined) return { ...begun, drivers: [], refusal: undefined, vault }
      const dir = `${scan.index}.convert-after`
      writeConvertDir(vault, dir, { conversion, head: saved.base, allowed: filters.allowedOf(source.path, conversion.drivers) })
      return { ...begun, drivers: conversion.drivers, refusal: undefined, vault: viewOf(vault, dir) }
    } catch (error) {
      if (hasCode(error, 'repo.filter_not_allowed')) return undefined
      throw error
    }
  }
}
