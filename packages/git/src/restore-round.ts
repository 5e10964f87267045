import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { isReadable, type CaptureTools } from './capture.ts'
import { readChangeList } from './change-list.ts'
import { isLost } from './checkout-place.ts'
import { openConvertView, settleStored } from './convert-view.ts'
import { vaultRefs } from './layout.ts'
import { localizeChange } from './localize.ts'
import type { SavedRound } from './lost-rounds.ts'
import { namesIn } from './names-in.ts'
import { beginScan, readAgentView } from './observe.ts'
import { addAll } from './scan.ts'
import { ourSignature } from './signature.ts'
import { saveRefs } from './snapshot-ref.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/**
 * Brings a round back into the vault from whatever still has its bytes: the source, once `setDamagedAside` took away
 * what hides them, else the checkout it was captured from. Every object is named by its content, so it comes back exactly
 * or not at all. Returns whether it can be read now.
 */
export async function restoreRound({ layout, vaults, filters }: CaptureTools, checkout: CheckoutRef, round: SavedRound): Promise<boolean> {
  const vault = await vaults.open(checkout.source)
  if (!(await isWhole(vault, round)) && !isLost(checkout.path)) {
    await withWorkDir(layout.work, (dir) => readAgain({ layout, filters }, vault, { checkout, round, dir }))
  }
  if (!(await isWhole(vault, round))) return false
  await localizeChange(vault, await readChangeList(vault, round), [round.tree])
  await saveRefs(vault, [[vaultRefs.snapshot(round.run, round.number), round.commit]])
  return true
}

/** The commit is ours and can be made again; then all it needs must be there. */
async function isWhole(vault: Vault, round: SavedRound): Promise<boolean> {
  const { base, tree, run, number } = round
  await vault.git(['commit-tree', '-p', base, '-m', `${run}.s${number}`, tree], { env: ourSignature, okExits: [0, 128] })
  return isReadable(vault, round)
}

/** Stores every file of the checkout, as a look without a kept index does. */
async function readAgain({ layout, filters }: Pick<CaptureTools, 'layout' | 'filters'>, vault: Vault, { checkout, round, dir }: { readonly checkout: CheckoutRef; readonly round: SavedRound; readonly dir: string }): Promise<void> {
  const scan = { ...(await beginScan(layout, vault, { checkout, base: round.base, dir })), index: join(dir, 'index-anew') }
  const view = await readAgentView(layout, vault, checkout, round.base)
  await addAll(scan)
  await settleStored(scan, view.beyond, await openConvertView(filters, scan, checkout))
}

/**
 * Moves loose objects that are not what their name says out of the way: git takes one that is there for a whole one. What
 * cannot be read for another reason stays, for it may be whole.
 */
export async function setDamagedAside({ dir }: Vault): Promise<void> {
  const objects = join(dir, 'objects')
  const aside = join(dir, 'signalbox', 'damaged')
  for (const folder of readdirSync(objects).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of namesIn(join(objects, folder))) {
      const path = join(objects, folder, name)
      if (!/^([0-9a-f]{38}|[0-9a-f]{62})$/.test(name) || !isDamaged(path, folder + name)) continue
      await mkdir(aside, { recursive: true })
      await rename(path, join(aside, folder + name))
    }
  }
}

function isDamaged(path: string, oid: string): boolean {
  try {
    return hash(oid.length === 64 ? 'sha256' : 'sha1', inflateSync(readFileSync(path))) !== oid
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error
    return error.code.startsWith('Z_') // it does not unpack; any other failure is one of reading
  }
}
