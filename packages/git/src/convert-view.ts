import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ControlError, hasCode, messageOf, oidSchema, type Oid, type ReportedPath, type RunId } from '@signalbox/core'
import type { Beyond } from './adjust.ts'
import { filterRefusal, type Conversion } from './conversion.ts'
import { readRef } from './agent-state.ts'
import { failDriver, type FilterDriver } from './filter-driver.ts'
import type { KnownDriver } from './filter-program.ts'
import type { Filters } from './filters.ts'
import { vaultRefs } from './layout.ts'
import { lfsFolder } from './lfs-pointers.ts'
import { settle } from './observe.ts'
import { parseRawDiff, showPath, type RawChange } from './raw-diff.ts'
import { writeGitDir } from './run-git-dir.ts'
import { gitOfScan, type Scan } from './scan.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { SourceRef } from './source-ref.ts'
import type { Vault } from './vault.ts'

/** The vault as the human's git would read and write files, and what a run's checkout held when it began. */
export interface ConvertView {
  readonly vault: Vault
  /** The commit the checkout was made of. */
  readonly base: string
  /** The bytes it then held: a tree. */
  readonly exactBase: string
  /** Programs that files go through. */
  readonly drivers: readonly FilterDriver[]
  /** Why one of them may not run now: files that need it are not stored. */
  readonly refusal: ControlError | undefined
}

/** How a run began, as it is kept in the vault: out of the agent's way, and named by its content. */
type KeptConversion = Pick<Conversion, 'attributes' | 'config'> & { readonly base: Oid; readonly drivers?: readonly FilterDriver[] | undefined }

/** Keeps how the human's git converts, and the bytes a checkout begins with, for the time of the run. */
export async function keepConversion(vault: Vault, run: RunId, exactBase: Oid, { attributes, config, drivers, base }: KeptConversion): Promise<void> {
  const { text } = await vault.git(['hash-object', '-w', '--stdin'], { stdin: JSON.stringify({ base, attributes, config, drivers } satisfies KeptConversion) })
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

/** Reads how a run began to convert; undefined where all is stored as it lies on disk, for which no git is started. */
export async function readKeptConversion(vault: Vault, run: RunId): Promise<KeptConversion | undefined> {
  const kept = readRef(vault.dir, vaultRefs.conversion(run))
  return kept === undefined ? undefined : (JSON.parse((await vault.git(['cat-file', 'blob', kept])).text) as KeptConversion)
}

/**
 * Returns the view of a run's checkout; undefined where all is stored as it lies on disk.
 * @throws ControlError `git.command_failed` where it is known to convert and how is not
 */
export async function openConvertView(filters: Filters, scan: Scan, { run, source }: { readonly run: RunId; readonly source: SourceRef }): Promise<ConvertView | undefined> {
  const kept = await readKeptConversion(scan.vault, run)
  if (kept === undefined) return undefined
  const { base, drivers = [], ...conversion } = kept
  const dir = `${scan.index}.convert`
  const allowed = filters.allowedOf(source.path, drivers)
  const refused = drivers.find(({ name }) => !allowed.has(name))
  writeConvertDir(scan.vault, dir, { conversion: { ...conversion, drivers }, head: oidSchema.parse(base), allowed })
  const refusal = refused === undefined ? undefined : filterRefusal(filters, { path: source.path, driver: refused, where: `filter=${refused.name}` })
  return { vault: viewOf(scan.vault, dir), base, exactBase: vaultRefs.exactBase(run), drivers, refusal }
}

/** Returns the vault as git sees it from a git directory that converts. */
export function viewOf(vault: Vault, dir: string): Vault {
  return { ...vault, git: vault.through(dir) }
}

interface ConvertDir {
  readonly conversion: Pick<Conversion, 'attributes' | 'config' | 'drivers'>
  readonly head: Oid
  /** Those of the drivers that may run; a file that needs another one fails. */
  readonly allowed: ReadonlyMap<string, KnownDriver>
}

/** Writes a git directory that converts, over the objects of a vault; its HEAD is the commit a checkout is made of. */
export function writeConvertDir(vault: Vault, dir: string, { conversion, head, allowed }: ConvertDir): void {
  const { attributes, config, drivers } = conversion
  const stores = [join(vault.dir, 'objects'), ...(drivers.length === 0 ? [] : vault.sources)]
  const lfs = drivers.length === 0 ? {} : { 'lfs.storage': lfsFolder(vault), 'lfs.repositoryformatversion': '0' }
  writeGitDir({ dir, modelConfig: join(vault.dir, 'config'), bare: true, stores, head, refs: {}, attributes, config: { ...config, ...programsOf(drivers, allowed), ...lfs } })
}

/** Returns settings by which those of the drivers that may run do so, and a file that needs another one fails. */
export function programsOf(drivers: readonly FilterDriver[], allowed: ReadonlyMap<string, KnownDriver>): Readonly<Record<string, string>> {
  return Object.assign({}, ...drivers.map(({ name }) => awayFromFiles(allowed.get(name)?.run ?? failDriver(name))))
}

/** Git starts filters in the folder of the files, which a run wrote: nothing there is to be found by a relative name. */
function awayFromFiles(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, /^filter\..*\.(clean|smudge|process)$/s.test(key) && value !== '' ? `cd / && exec ${value}` : value]))
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
  const missing = await putConverted(git, changes.filter(({ to }) => isFile(to)).map(({ path }) => path))
  const { text } = await git(['write-tree'])
  await rm(index)
  return { tree: oidSchema.parse(text.trim()), missing }
}

/** Returns the tree a look at a checkout is stored as, once its index is up to date with the files. @throws as `storeSettled` */
export async function settleStored(scan: Scan, beyond: Beyond, convert: ConvertView | undefined): Promise<Stored> {
  return storeSettled(scan, convert, await settle(scan, beyond))
}

/**
 * Returns the tree a look at a checkout is stored as: of the bytes on disk, converted where the human's git converts.
 * @throws ControlError `repo.filter_not_allowed`, `git.command_failed` where a file could not go through its filter: a tree without it would say that it is as in the base
 */
export async function storeSettled(scan: Scan, convert: ConvertView | undefined, { tree, missing }: Stored): Promise<Stored> {
  if (convert === undefined) return { tree, missing }
  const stored = await storeAsHuman(scan, convert, tree)
  const unfiltered = stored.missing.find(({ reason }) => reason === 'filter_failed')
  if (unfiltered !== undefined) throw convert.refusal ?? new ControlError('git.command_failed', `${unfiltered.path} in ${scan.checkout} could not go through its filter program`, { hint: 'Clear the cause, then try again' })
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
async function putConverted(git: ReturnType<typeof gitOfScan>, paths: readonly string[]): Promise<readonly ReportedPath[]> {
  if (paths.length === 0) return []
  try {
    await git(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { stdin: Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1') })
    return []
  } catch (error) {
    // Anything else, such as a full disk, is a failure of the look and says nothing of the files.
    const reason = hasCode(error, 'git.command_failed') ? reasonIn(messageOf(error)) : undefined
    if (reason === undefined) throw error
    if (paths.length === 1) return paths.map((path) => ({ path: showPath(path), reason }))
    const middle = Math.ceil(paths.length / 2)
    return [...(await putConverted(git, paths.slice(0, middle))), ...(await putConverted(git, paths.slice(middle)))]
  }
}

function reasonIn(message: string): ReportedPath['reason'] | undefined {
  if (/: clean filter '.*' failed$/m.test(message)) return 'filter_failed'
  return /encod/i.test(message) ? 'not_convertible' : undefined
}
