import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, messageOf, oidSchema, type Oid, type ReportedPath, type RunId } from '@signalbox/core'
import type { Beyond } from './adjust.ts'
import type { Conversion } from './conversion.ts'
import { readRef } from './agent-state.ts'
import { vaultRefs } from './layout.ts'
import { settle } from './observe.ts'
import { parseRawDiff, showPath, type RawChange } from './raw-diff.ts'
import { writeGitDir } from './run-git-dir.ts'
import { gitOfScan, type Scan } from './scan.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { Vault } from './vault.ts'

/** The vault as the human's git would read and write files, and what a run's checkout held when it began. */
export interface ConvertView {
  readonly vault: Vault
  /** The commit the checkout was made of. */
  readonly base: string
  /** The bytes it then held: a tree. */
  readonly exactBase: string
}

/** How a run began, as it is kept in the vault: out of the agent's way, and named by its content. */
type KeptConversion = Pick<Conversion, 'attributes' | 'config'> & { readonly base: Oid }

/** Keeps how the human's git converts, and the bytes a checkout begins with, for the time of the run. */
export async function keepConversion(vault: Vault, run: RunId, exactBase: Oid, { attributes, config, base }: KeptConversion): Promise<void> {
  const { text } = await vault.git(['hash-object', '-w', '--stdin'], { stdin: JSON.stringify({ base, attributes, config } satisfies KeptConversion) })
  // The last ref says that both are there.
  await saveRefs(vault, [
    [vaultRefs.exactBase(run), exactBase],
    [vaultRefs.conversion(run), oidSchema.parse(text.trim())],
  ])
}

/** Forgets it, should a creation that was killed have kept some before the human's settings changed. */
export async function dropConversion(vault: Vault, run: RunId): Promise<void> {
  if (readRef(vault.dir, vaultRefs.conversion(run)) !== undefined) await vault.git(['update-ref', '-d', vaultRefs.conversion(run)])
}

/**
 * Returns the view of a run's checkout; undefined where every byte is stored as it lies on disk, for which no git is started.
 * @throws ControlError `git.command_failed` where it is known to convert and how is not
 */
export async function openConvertView(scan: Scan, run: RunId): Promise<ConvertView | undefined> {
  const kept = readRef(scan.vault.dir, vaultRefs.conversion(run))
  if (kept === undefined) return undefined
  const { text } = await scan.vault.git(['cat-file', 'blob', kept])
  const { base, ...conversion } = JSON.parse(text) as KeptConversion
  const dir = `${scan.index}.convert`
  writeConvertDir(scan.vault, dir, { conversion, head: oidSchema.parse(base) })
  return { vault: viewOf(scan.vault, dir), base, exactBase: vaultRefs.exactBase(run) }
}

/** Returns the vault as git sees it from a git directory that converts. */
export function viewOf(vault: Vault, dir: string): Vault {
  return { ...vault, git: vault.through(dir) }
}

/** Writes a git directory that converts, over the objects of a vault; its HEAD is the commit a checkout is made of. */
export function writeConvertDir(vault: Vault, dir: string, { conversion, head }: { readonly conversion: Pick<Conversion, 'attributes' | 'config'>; readonly head: Oid }): void {
  writeGitDir({ dir, modelConfig: join(vault.dir, 'config'), bare: true, stores: [join(vault.dir, 'objects')], head, refs: {}, attributes: conversion.attributes, config: conversion.config })
}

/** A tree as the human's git would store it, and what cannot be stored so. */
interface Stored {
  readonly tree: Oid
  readonly missing: readonly ReportedPath[]
}

/**
 * Returns the tree that the human's own `git add` would make of a checkout whose bytes are those of the tree `exact`. What
 * did not change since the checkout was made is as it was stored, whatever converting it anew would give.
 */
export async function storeAsHuman(scan: Scan, view: ConvertView, exact: Oid): Promise<Stored> {
  const index = `${scan.index}.stored`
  const git = gitOfScan({ ...scan, vault: view.vault, index })
  const [, sinceStart, sinceBase] = await Promise.all([git(['read-tree', view.base]), listChanges(scan, view.exactBase, exact), listChanges(scan, view.base, exact)])
  // What is as in the base is no change, such as a path the agent keeps out of its working tree.
  const changed = new Set(sinceBase.map(({ path }) => path))
  const changes = sinceStart.filter(({ path }) => changed.has(path))
  const put = changes.filter(({ to }) => !isFile(to)).map(({ path, to }) => (to === undefined ? `0 ${'0'.repeat(exact.length)}\t${path}\0` : `${to.mode} ${to.oid}\t${path}\0`))
  if (put.length > 0) await git(['update-index', '-z', '--index-info'], { stdin: Buffer.from(put.join(''), 'latin1') })
  const refused = await putConverted(git, changes.filter(({ to }) => isFile(to)).map(({ path }) => path))
  const { text } = await git(['write-tree'])
  await rm(index)
  return { tree: oidSchema.parse(text.trim()), missing: refused.map((path) => ({ path: showPath(path), reason: 'not_convertible' })) }
}

/** Returns the tree a look at a checkout is stored as: of the bytes on disk, converted where the human's git converts. */
export async function settleStored(scan: Scan, beyond: Beyond, convert: ConvertView | undefined): Promise<Stored> {
  const { tree, missing } = await settle(scan, beyond)
  if (convert === undefined) return { tree, missing }
  const stored = await storeAsHuman(scan, convert, tree)
  return { tree: stored.tree, missing: [...missing, ...stored.missing] }
}

async function listChanges(scan: Scan, from: string, to: Oid): Promise<readonly RawChange[]> {
  const { stdout } = await gitOfScan(scan)(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to])
  return parseRawDiff(stdout).changes
}

function isFile(entry: RawChange['to']): boolean {
  return entry?.mode.startsWith('100') === true
}

/** Puts files into the index as git converts them, and returns those it cannot convert: one of them stops all that are given with it. */
async function putConverted(git: ReturnType<typeof gitOfScan>, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return []
  try {
    await git(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { stdin: Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1') })
    return []
  } catch (error) {
    // Anything else, such as a full disk, is a failure of the look and says nothing of the files.
    if (!hasCode(error, 'git.command_failed') || !/encod/i.test(messageOf(error))) throw error
    if (paths.length === 1) return paths
    const middle = Math.ceil(paths.length / 2)
    return [...(await putConverted(git, paths.slice(0, middle))), ...(await putConverted(git, paths.slice(middle)))]
  }
}
