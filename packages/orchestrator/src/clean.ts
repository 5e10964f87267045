import { join } from 'node:path'
import { cleanRequestSchema, codeOf, ControlError, findStanding, judgeCleaning, messageOf, parseInput, type CleanReport, type CleanRequest, type CleanVerdict, type Run, type RunId, type WorkspaceFacts } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import { cleanCheckFolders } from './clean-checks.ts'
import { measureDiskUse } from './disk-use.ts'
import { systemCodeOf } from './durable-file.ts'
import { gatherWorkspace, lookForWorkers } from './gather-workspace.ts'
import { idsIn } from './names-in.ts'
import type { CheckoutRef } from './git-ports.ts'
import { withState, type Services } from './services.ts'

type Cleaned = CleanReport['workspaces'][number]

/**
 * Removes the workspaces that nobody needs, one by one, each looked at under the state lock. What the human waits for is
 * looks and renames; the deleting goes on behind the answer, and what a killed one leaves goes with the next.
 */
export async function clean(services: Services, request: CleanRequest): Promise<CleanReport> {
  const { runs, unlanded, dryRun } = parseInput(cleanRequestSchema, request)
  // Check folders and the trash are cleaned without the state lock.
  if (!dryRun) await services.memory.refuseNewer()
  const candidates = await listCandidates(services)
  // Before anything is removed: a name that was mistyped must not leave half of what was meant.
  for (const id of runs) if (!candidates.includes(id)) await services.log.fold(id)
  const ids = runs.length > 0 ? [...new Set(runs)] : candidates
  const asked = { named: runs.length > 0, unlanded, dryRun }
  const workspaces: Cleaned[] = []
  for (const id of ids) {
    const cleaned = await (dryRun ? cleanOne(services, id, asked) : withState(services, () => cleanOne(services, id, asked)))
    if (candidates.includes(id) || cleaned.reasons.length > 0 || cleaned.pins.length > 0) workspaces.push(cleaned)
  }
  const checkFolders = runs.length > 0 ? [] : await cleanCheckFolders(services, dryRun)
  if (!dryRun) services.behind(() => services.workspaces.emptyTrash())
  const freed = [...workspaces, ...checkFolders].reduce((sum, { action, bytes }) => sum + (action === 'kept' || action === 'refused' ? 0 : (bytes ?? 0)), 0)
  return { dryRun, workspaces: workspaces.toSorted((a, b) => rank(a) - rank(b)), checkFolders, freed }
}

interface Asked {
  readonly named: boolean
  readonly unlanded: boolean
  readonly dryRun: boolean
}

async function cleanOne(services: Services, id: RunId, asked: Asked): Promise<Cleaned> {
  const found = await findRun(services, id)
  // Before the looks: nothing that takes long may lie between those and the removal.
  const bytes = await measureWorkspace(services, id)
  const tell = (verdict: CleanVerdict, facts: WorkspaceFacts | undefined): Cleaned => describe(services, id, verdict, asked, facts, bytes)
  if ('unreadable' in found) return tell(refuse(found.unreadable, found.remedy), undefined)
  const facts = await gatherLeft(services, id, found.run)
  const verdict = judgeCleaning(facts, asked)
  const cleaned = tell(verdict, facts)
  if (verdict.verdict !== 'remove') return cleaned
  try {
    // Before the workspace: while that is there, a clean-up that was killed finds its way back here.
    const pins = await unpin(services, found.run, asked.dryRun)
    if (asked.dryRun) return { ...cleaned, pins }
    const linked = await linkedCheckouts(services, found.run)
    const last = facts.state === 'ended' ? { ...facts, workers: await lookForWorkers(services, id) } : facts
    const still = judgeCleaning(last, asked)
    if (still.verdict !== 'remove') return { ...tell(still, last), pins }
    await services.workspaces.discard(id, cleaned.path, linked)
    return { ...cleaned, pins }
  } catch (error) {
    // One that does not go must not keep the others from going, nor hide that they went.
    if (codeOf(error) === undefined && systemCodeOf(error) === undefined) throw error
    return tell(refuse(`It could not be removed whole: ${messageOf(error)}`, 'Clear what it names, then clean again'), facts)
  }
}

/** Where nothing is left of a workspace, none of it can be lost. */
async function gatherLeft(services: Services, id: RunId, run: Run | undefined): Promise<WorkspaceFacts> {
  const facts = await gatherWorkspace(services, id, run)
  return (await listCandidates(services)).includes(id) ? facts : { ...facts, checkouts: [] }
}

async function linkedCheckouts(services: Services, run: Run | undefined): Promise<readonly CheckoutRef[]> {
  return run?.isolation === 'linked' ? Promise.all(run.repos.map((repo) => checkoutOf(services, run, repo))) : []
}

/** Removes, or only lists, the pins that the landing of a run no longer needs. */
async function unpin(services: Services, run: Run | undefined, dryRun: boolean): Promise<Cleaned['pins']> {
  if (run?.merge.kind !== 'merged') return []
  const found = await Promise.all(
    run.repos.map(async ({ repo }) => {
      const source = await services.repoPaths.sourceOf(repo)
      const pins = await services.care.findSparePins(source, run.id)
      if (!dryRun) for (const pin of pins) await services.care.removePin(source, pin)
      return pins.map(({ ref }) => ({ repo, ref }))
    }),
  )
  return found.flat()
}

function refuse(message: string, remedy: string): CleanVerdict {
  return { verdict: 'refuse', reasons: [{ code: 'facts_unavailable', message, remedy }] }
}

async function measureWorkspace(services: Services, id: RunId): Promise<number | null> {
  const { workspace, folder, sandbox } = services.layout.run(id)
  const sizes = await Promise.all([workspace, join(folder, 'git'), sandbox].map(measureDiskUse))
  return sizes.some((size) => size === null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
}

function describe(services: Services, id: RunId, { verdict, reasons }: CleanVerdict, { dryRun }: Asked, facts: WorkspaceFacts | undefined, bytes: number | null): Cleaned {
  return {
    run: id,
    path: services.layout.run(id).workspace,
    bytes,
    standing: facts === undefined ? 'unknown' : findStanding(facts),
    action: verdict === 'remove' ? (dryRun ? 'would_remove' : 'removed') : verdict === 'keep' ? 'kept' : 'refused',
    checkouts: (facts?.checkouts ?? []).map(({ repo, unsaved }) => {
      const { changed, missing, refs, ignored } = unsaved.known ? unsaved.value : { changed: [], missing: [], refs: [], ignored: [] }
      return { repo, changed: [...changed], missing: [...missing], refs: [...refs], ignored: [...ignored] }
    }),
    reasons: [...reasons],
    pins: [],
  }
}

/** What would be lost first, then what has not landed, then what is at work, then what goes. */
function rank({ action, standing }: Cleaned): number {
  return (action === 'refused' ? 0 : action === 'kept' ? 2 : 4) + (standing === 'open' ? 0 : 1)
}

/** A run that cannot be read is not one that is not there. */
async function findRun(services: Services, id: RunId): Promise<{ readonly run: Run | undefined } | { readonly unreadable: string; readonly remedy: string }> {
  try {
    return { run: await services.log.foldToChange(id) }
  } catch (error) {
    if (codeOf(error) === 'run.not_found') return { run: undefined }
    if (error instanceof ControlError && (error.code === 'run.log_invalid' || error.code === 'format.newer')) return { unreadable: error.message, remedy: error.code === 'format.newer' ? 'Update Signalbox, then clean again' : (error.hint ?? 'Repair its log by hand, then clean again') }
    throw error
  }
}

/** Ids with a workspace here, or with what a removal that was killed left. */
async function listCandidates(services: Services): Promise<readonly RunId[]> {
  const ids = [...(await idsIn(services.layout.workspacesFolder)), ...(await idsIn(services.layout.runsFolder)).filter((id) => services.workspaces.hasLeftovers(id))]
  return [...new Set(ids)].toSorted()
}
