import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { agentDirsOf } from './agent-dirs.ts'
import type { Layout } from './layout.ts'
import type { CheckoutRef, SourceRef } from './source-ref.ts'
import { storesOf } from './vault.ts'

/** What git reaches for beside a working tree: all that a confined process must be given for its git to work. */
export interface GitReach {
  /** Git directory that it writes to; undefined where that is in the tree. */
  readonly gitDir: string | undefined
  /** Folders of objects, and of content that Git LFS keeps beside them, that it borrows from. */
  readonly stores: readonly string[]
}

/** Returns what git in the checkout of a run needs. */
export function reachOfCheckout(layout: Layout, checkout: CheckoutRef): GitReach {
  return { gitDir: agentDirsOf(layout, checkout).gitDir, stores: withContent(storesOf(checkout.source)) }
}

/** Returns what git in a kept check folder needs: the commit under check is in the vault. */
export function reachOfCheckFolder(layout: Layout, source: SourceRef): GitReach {
  return { gitDir: undefined, stores: withContent([join(layout.vault(source.repo), 'objects'), ...storesOf(source)]) }
}

/** Git LFS looks for content beside the objects that are borrowed. */
function withContent(stores: readonly string[]): readonly string[] {
  return [...stores, ...stores.map((objects) => join(dirname(objects), 'lfs')).filter((folder) => existsSync(folder))]
}
