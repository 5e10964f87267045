import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { latestRound, type Known, type LeftCheckout, type Run, type RunId, type RunRepo, type WorkspaceFacts } from '@signalbox/core'
import { isActive } from './active-runs.ts'
import { checkoutOf } from './checkout-of.ts'
import { readIfThere, systemCodeOf } from './durable-file.ts'
import { look } from './look.ts'
import { namesIn } from './names-in.ts'
import { findTagged, findProcessesIn, nameProcess } from './process-tree.ts'
import type { Services } from './services.ts'

/** Looks at the workspace of a run, or of an id no run has, and changes nothing. */
export async function gatherWorkspace(services: Services, id: RunId, run: Run | undefined): Promise<WorkspaceFacts> {
  const path = services.layout.run(id).workspace
  const known = { run: id, path, merge: run?.merge.kind ?? 'none', rejected: run?.rejection !== undefined, changes: (run === undefined ? undefined : latestRound(run))?.repos.some(({ files }) => files > 0) ?? false }
  const empty: readonly string[] = []
  if (run === undefined) return { ...known, state: 'unknown', workers: { known: true, value: [] }, outside: await look(() => listFiles(services, id)), checkouts: [] }
  // Its processes write there, or its end is still being recorded: looking on would find what is gone a moment later.
  if (run.state.kind !== 'ended' || isActive(services.layout, id)) return { ...known, state: run.state.kind === 'ended' ? 'unsettled' : 'active', workers: { known: true, value: [] }, outside: { known: true, value: empty }, checkouts: [] }
  const [outside, checkouts] = await Promise.all([look(() => listOutside(path, run)), Promise.all(run.repos.map((repo) => gatherCheckout(services, run, repo)))])
  // Last: the other looks take seconds, in which somebody may begin to work there.
  return { ...known, state: 'ended', workers: await lookForWorkers(services, id), outside, checkouts }
}

async function gatherCheckout(services: Services, run: Run, started: RunRepo): Promise<LeftCheckout> {
  const { repo } = started
  const saved = run.captured?.repos.find((candidate) => candidate.repo === repo)
  const path = services.layout.run(run.id).checkout(repo)
  const { base, commit } = saved ?? { base: started.baseHead, commit: started.baseHead }
  const unsaved = await look(async () => services.snapshots.findUnsaved(await checkoutOf(services, run, started), { base, commit }))
  const readable: Known<boolean> = saved === undefined ? { known: true, value: true } : await look(async () => services.snapshots.isReadable(await services.repoPaths.sourceOf(repo), base, commit))
  return { repo, path, captured: saved !== undefined, readable, unsaved }
}

/** Looks which processes still work in the workspace of a run that ended. */
export function lookForWorkers(services: Services, id: RunId): Promise<WorkspaceFacts['workers']> {
  return look(() => findWorkers(services, id))
}

async function findWorkers(services: Services, id: RunId): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const { tag, workspace } = services.layout.run(id)
  // A run without a tag never started a process.
  const ours = await readIfThere(tag)
  const pids = new Set([...(ours === undefined || ours === '' ? [] : findTagged(ours)), ...findProcessesIn(workspace, lookOfOurs(services))])
  return [...pids].map((pid) => ({ pid, command: nameProcess(pid) }))
}

/** How the environment of a git of ours begins to say that it only looks: one may outlive a killed call for a moment. */
export function lookOfOurs({ layout }: Pick<Services, 'layout'>): string {
  return `GIT_DIR=${layout.vaultsFolder}/`
}

/** Lists what lies in the workspace folder beside the checkouts. @throws when the folder is a link by now */
async function listOutside(path: string, run: Run): Promise<readonly string[]> {
  const repos = new Set<string>(run.repos.map(({ repo }) => repo))
  return (await namesInOurs(path)).filter((name) => !repos.has(name))
}

async function namesInOurs(path: string): Promise<readonly string[]> {
  if (await isLeft(path)) return namesIn(path)
  return []
}

/** @throws when something else than a folder lies there */
async function isLeft(path: string): Promise<boolean> {
  try {
    if ((await lstat(path)).isDirectory()) return true
    throw new TypeError(`${path} is no folder of ours any more`)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Lists every file below the folders of an id that no run has. @throws when one cannot be read or is a link by now */
export async function listFiles(services: Pick<Services, 'layout'>, id: RunId): Promise<readonly string[]> {
  const { workspace, folder } = services.layout.run(id)
  return [...(await filesBelow(workspace)), ...(await filesBelow(folder))]
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await namesInOurs(path)) {
    const entry = join(path, name)
    if ((await lstat(entry)).isDirectory()) found.push(...(await filesBelow(entry)))
    else found.push(entry)
  }
  return found
}
