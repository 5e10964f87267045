import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { oidSchema, type Oid, type ReportedPath } from '@signalbox/core'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import { conversionOf } from './conversion.ts'
import { storeAsHuman, viewOf, writeConvertDir, type ConvertView } from './convert-view.ts'
import { readHumanSettings } from './human-settings.ts'
import type { InspectTools } from './inspect.ts'
import type { Layout } from './layout.ts'
import { withScratch } from './observe.ts'
import { parseRawDiff, showPath, type RawChange } from './raw-diff.ts'
import { gitOfScan, type Scan } from './scan.ts'
import type { SourceRef } from './source-ref.ts'
import { isAttributesFile, readAttributesFiles } from './tree-attributes.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** A saved change that was computed on a new base. */
export interface MovedChange {
  readonly source: SourceRef
  /** `exactTree`: the bytes that lay on disk, where others were stored. */
  readonly from: Change & { readonly exactTree?: Oid | undefined }
  readonly newBase: Oid
  /** What the change gives on the new base: a tree. */
  readonly merged: Oid
}

/**
 * Returns the attributes files of a new base by which the human's own `git add` of what the author wrote would store
 * something else than was saved: a change that is right where it was made need not be so there.
 * @throws ControlError `repo.filter_not_allowed` where the new base has files go through a program that may not run
 */
export async function findConvertingBase(tools: InspectTools & { readonly layout: Layout }, vault: Vault, moved: MovedChange): Promise<readonly ReportedPath[]> {
  const { from, newBase, merged, source } = moved
  const attributes = (await listChanges(vault, from.base, newBase, ':(glob)**/.gitattributes')).filter(({ path, from: was, to }) => [was, to].some((entry) => entry !== undefined && isAttributesFile(path, entry.mode)))
  if (attributes.length === 0) return []
  const [settings, inTree] = await Promise.all([readHumanSettings(tools.git, tools.env, source), readAttributesFiles(vault.git, merged)])
  const conversion = conversionOf(tools.filters, { path: source.path, settings, inTree })
  return withWorkDir(tools.layout.work, async (dir) => {
    const scan = withScratch({ vault, checkout: join(dir, 'files'), index: join(dir, 'index'), excludes: join(dir, 'excludes') }, dir)
    const exact = await writeAsOnDisk(scan, moved)
    const view: ConvertView = { vault, base: newBase, exactBase: newBase, drivers: conversion?.drivers ?? [], refusal: undefined }
    if (conversion !== undefined) writeConvertDir(vault, join(dir, 'convert'), { conversion, head: newBase, allowed: tools.filters.allowedOf(source.path, conversion.drivers) })
    const { tree, missing } = await storeAsHuman(scan, conversion === undefined ? view : { ...view, vault: viewOf(vault, join(dir, 'convert')) }, exact)
    return tree === merged && missing.length === 0 ? [] : attributes.map(({ path }) => ({ path: showPath(path), reason: 'converting_attributes' as const }))
  })
}

/** Writes the files of the change as their author left them, and returns the tree of those bytes. What was merged has only the bytes that are stored. */
async function writeAsOnDisk(scan: Scan, { from, newBase, merged }: MovedChange): Promise<Oid> {
  const git = gitOfScan(scan)
  mkdirSync(scan.checkout)
  const theirs = new Map((await listChanges(scan.vault, newBase, merged)).map(({ path, to }) => [path, to]))
  const own = filesOf(await readChangeList(scan.vault, from)).filter(({ path, to }) => to !== undefined && theirs.get(path)?.oid === to.oid)
  const onDisk = from.exactTree === undefined ? [] : await listChanges(scan.vault, from.commit, from.exactTree)
  const bytes = new Map(onDisk.map(({ path, to }) => [path, to]))
  const lines = own.flatMap(({ path }) => {
    const entry = bytes.get(path)
    return entry === undefined ? [] : [`${entry.mode} ${entry.oid}\t${path}\0`]
  })
  await git(['read-tree', merged])
  await git(['update-index', '-z', '--index-info'], { stdin: Buffer.from(lines.join(''), 'latin1') })
  const written = [...theirs].filter(([, to]) => to !== undefined && to.mode !== '160000').map(([path]) => `${path}\0`)
  await git(['checkout-index', '-z', '--stdin'], { stdin: Buffer.from(written.join(''), 'latin1') })
  return oidSchema.parse((await git(['write-tree'])).text.trim())
}

async function listChanges({ git }: Vault, from: Oid, to: Oid, ...paths: readonly string[]): Promise<readonly RawChange[]> {
  const { stdout } = await git(['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', from, to, '--', ...paths])
  return parseRawDiff(stdout).changes
}
