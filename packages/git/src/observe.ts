import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { oidSchema, type Oid, type ReportedPath } from '@signalbox/core'
import { adjustIndex, type Beyond } from './adjust.ts'
import { agentDirsOf } from './agent-dirs.ts'
import { readAgentState, type AgentState } from './agent-state.ts'
import { isOtherRepository } from './git-link.ts'
import { saveHistory } from './history.ts'
import { copyIndex } from './index-file.ts'
import type { Layout } from './layout.ts'
import { gitOfScan, splitNames, type Scan } from './scan.ts'
import type { CheckoutRef } from './source-ref.ts'
import type { Vault } from './vault.ts'

/** The tree of a look at a checkout, and what could not be put into it. */
export interface Settled {
  readonly tree: Oid
  readonly missing: readonly ReportedPath[]
  /** Whether the tree is that of the look's index, with nothing beyond it. */
  readonly plain: boolean
}

/** Starts a look at the checkout with a copy of our kept index in `dir`, so that a killed look leaves that one whole. */
export async function beginScan(layout: Layout, vault: Vault, { checkout, base, dir }: { readonly checkout: CheckoutRef; readonly base: string; readonly dir: string }): Promise<Scan> {
  const { run, source, path } = checkout
  const scan = { vault, checkout: path, index: join(dir, 'index'), excludes: join(dir, 'excludes') }
  const excludes = layout.excludes(run, source.repo)
  // A copy, because the run's own folder is not out of reach of an agent without a sandbox.
  if (existsSync(excludes)) copyFileSync(excludes, scan.excludes)
  const kept = layout.keptIndex(run, source.repo)
  if (existsSync(kept)) copyIndex(kept, scan.index)
  else await gitOfScan(scan)(['read-tree', base])
  return scan
}

/** Returns the same look with its new objects going to a folder that is thrown away. */
export function withScratch(scan: Scan, dir: string): Scan {
  const scratch = join(dir, 'objects')
  mkdirSync(scratch, { recursive: true })
  return { ...scan, scratch }
}

async function writeTree(scan: Scan): Promise<Oid> {
  return oidSchema.parse((await gitOfScan(scan)(['write-tree'])).text.trim())
}

/** Does work that may not be needed: what went wrong is thrown where its value is asked for. */
async function attempt<T>(work: () => Promise<T>): Promise<() => T> {
  try {
    const value = await work()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** Does work that holds this thread once the processes that were just asked for are on their way. */
export async function afterSpawn<T>(work: () => Promise<T>): Promise<T> {
  await setImmediate()
  return work()
}

/** Returns the tree of a look whose index is up to date with the files. */
export async function settle(scan: Scan, beyond: Beyond): Promise<Settled> {
  // Nearly always this is the tree: it is written while the index is read here.
  const [written, { index, missing }] = await Promise.all([attempt(() => writeTree(scan)), afterSpawn(() => adjustIndex(scan, beyond))])
  if (index === scan.index) return { tree: written(), missing, plain: true }
  const tree = await writeTree({ ...scan, index })
  await rm(index)
  return { tree, missing, plain: false }
}

export interface AgentView {
  readonly state: AgentState
  /** The agent's HEAD, when it is another commit than the base and its history is in the vault. */
  readonly head: Oid | undefined
  readonly beyond: Beyond
  readonly missing: readonly ReportedPath[]
}

/** Reads what the agent's git directory says beyond the files, and brings its commits into the vault. */
export async function readAgentView(layout: Layout, vault: Vault, checkout: CheckoutRef, base: Oid): Promise<AgentView> {
  const dirs = agentDirsOf(layout, checkout)
  const oidBytes = base.length === 64 ? 32 : 20
  const state = readAgentState(dirs, oidBytes)
  const other = state.head === base ? undefined : state.head
  const saved = other !== undefined && (await saveHistory(vault, { objects: join(dirs.gitDir, 'objects'), linked: checkout.isolation === 'linked', base, head: other }))
  const head = saved ? other : undefined
  const committed = head === undefined ? [] : await listAdded(vault, base, head)
  const unreadable = [...state.unreadable, ...(other !== undefined && !saved ? ['.git/HEAD'] : [])]
  return {
    state,
    head,
    beyond: {
      base,
      oidBytes,
      tracked: [...state.index.files, ...committed],
      sparse: state.index.special.filter(({ skipWorktree }) => skipWorktree),
    },
    missing: [...unreadable.map((path) => ({ path, reason: 'unreadable' as const })), ...(isOtherRepository(checkout.path, dirs.worktree) ? [{ path: '.git', reason: 'nested_repository' as const }] : [])],
  }
}

async function listAdded({ git }: Vault, base: Oid, head: Oid): Promise<readonly string[]> {
  const { stdout } = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=A', base, head])
  return splitNames(stdout)
}
