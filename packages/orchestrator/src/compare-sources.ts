import { blockingChanges, hidesBlocking, isOpenLook, listChanges, lookAt, messageOf, parseOid, sourceFingerprintsSchema, type NewRunEvent, type Run, type RunId, type RunRepo, type Snapshot, type SourceChange, type SourceFacts, type SourceFingerprint, type SourceFingerprints } from '@signalbox/core'
import { hasWorkspace } from './capture-snapshot.ts'
import { checkoutOf } from './checkout-of.ts'
import { readJsonIfThere, writeDurably } from './durable-file.ts'
import type { SourceRef } from './git-ports.ts'
import { findOwnMove, isMemory } from './memory-source.ts'
import { readRuns } from './read-runs.ts'
import type { Services } from './services.ts'

/** Changes that are recorded of one source: a checkout that was rebuilt meanwhile must not fill the log of a run. */
const listedChanges = 1_000

/** Keeps what the sources of a run look like before it, out of every repository. */
export async function keepFingerprints(services: Services, id: RunId, fingerprints: SourceFingerprints): Promise<void> {
  await writeDurably(services.layout, services.layout.run(id).sources, JSON.stringify(fingerprints))
}

/**
 * Compares the sources of a run with what they were before it and returns what to record. A look that failed is recorded
 * as one; it is tried again when the run is sealed again, unless its human answered for it.
 */
export async function compareSources(services: Services, run: Run, round: Snapshot | undefined): Promise<readonly NewRunEvent[]> {
  const open = run.repos.filter(({ repo }) => {
    const look = lookAt(run.sources, repo)
    return look === undefined || isOpenLook(look)
  })
  if (open.length > 0) await services.tripwire.digestTrace(run.id)
  return Promise.all(
    open.map(async (repo): Promise<NewRunEvent> => {
      const { changes, unread } = await compareSource(services, run, repo, round)
      return { type: 'source.compared', data: { repo: repo.repo, ...listChanges(run.isolation, changes, listedChanges), unread } }
    }),
  )
}

async function compareSource(services: Services, run: Run, repo: RunRepo, round: Snapshot | undefined): Promise<{ readonly changes: readonly SourceChange[]; readonly unread: string | null }> {
  try {
    const before = await readKept(services, run, repo.repo)
    if (before === undefined) return { changes: [], unread: 'what it was before the run is not kept any more' }
    const saved = round?.repos.find((one) => one.repo === repo.repo)
    const { changes, unread } = await services.tripwire.compare(await checkoutOf(services, run, repo), before, saved)
    const source = await services.repoPaths.sourceOf(repo.repo)
    return { changes: await withoutRecords(services, repo, source, await withoutOthers(services, repo, changes)), unread }
  } catch (error) {
    return { changes: [], unread: messageOf(error) }
  }
}

/** Returns what a source was like before the run; undefined when that is not kept any more. */
async function readKept(services: Services, run: Run, repo: RunRepo['repo']): Promise<SourceFingerprint | undefined> {
  const kept = await readJsonIfThere(services.layout.run(run.id).sources, sourceFingerprintsSchema, 'Nothing can be compared without it; start a new run')
  return kept?.find((one) => one.repo === repo)?.fingerprint
}

/** Tells whether sealing the run again takes the look at a source again, and that look has what to compare with. */
async function isComparable(services: Services, run: Run, repo: RunRepo['repo']): Promise<boolean> {
  const look = lookAt(run.sources, repo)
  if ((look !== undefined && !isOpenLook(look)) || !hasWorkspace(services, run)) return false
  try {
    return (await readKept(services, run, repo)) !== undefined
  } catch {
    return false // what cannot be read cannot be compared with
  }
}

/** Leaves out what other runs brought about: branches that stand where a landing, or its undo, has put them, and those of linked runs. */
async function withoutOthers(services: Services, { repo }: RunRepo, changes: readonly SourceChange[]): Promise<readonly SourceChange[]> {
  if (!changes.some(({ what, name }) => what === 'ref' && name.startsWith('refs/heads/'))) return changes
  const { runs } = await readRuns(services)
  const put = new Set(runs.flatMap(landedHeads).filter((landed) => landed.repo === repo).map(({ branch, head }) => `refs/heads/${branch} ${head}`))
  const linked = new Set(runs.filter(({ isolation }) => isolation === 'linked').map(({ id }) => `refs/heads/signalbox/${id.toLowerCase()}`))
  return changes.filter(({ what, name, after, evidence }) => what !== 'ref' || !(put.has(`${name} ${after}`) || (evidence === null && linked.has(name))))
}

/** Leaves out what our own records did to the memory repo meanwhile: the branch that they took further, and the files that were not committed yet. */
async function withoutRecords(services: Services, began: RunRepo, source: SourceRef, changes: readonly SourceChange[]): Promise<readonly SourceChange[]> {
  if (changes.length === 0 || !isMemory(services, source)) return changes
  // They are committed on what is checked out there, and move nothing else.
  const branch = changes.find(({ what, name }) => what === 'ref' && name === `refs/heads/${began.source.branch}`)
  if (branch === undefined) return changes
  const { runs } = await readRuns(services)
  const landed = new Set(runs.flatMap(landedHeads).flatMap(({ repo, head, commits = [] }) => (repo === source.repo ? [head, ...commits] : [])))
  const paths = await findOwnMove(services, source, { before: parseOid(branch.before), after: parseOid(branch.after), landed })
  return paths === undefined ? changes : changes.filter((change) => change !== branch && !((change.what === 'file' || change.what === 'index') && change.evidence === null && paths.includes(change.name)))
}

function landedHeads({ merge }: Run): readonly { readonly repo: RunRepo['repo']; readonly branch: string; readonly head: string; readonly commits?: readonly string[] | undefined }[] {
  if (merge.kind === 'merged') return merge.repos.map(({ repo, branch, to, commits }) => ({ repo, branch, head: to, commits }))
  if (merge.kind === 'undone') return merge.repos.flatMap(({ repo, branch, from, to, commits }) => [from, to].map((head) => ({ repo, branch, head, commits })))
  return []
}

/** Looks whether what a run did to its sources is still there, for the gate. Nothing is asked where nothing was done. */
export async function gatherSources(services: Services, run: Run): Promise<readonly SourceFacts[]> {
  if (run.state.kind !== 'ended') return []
  const paths = await services.repoPaths.read()
  return Promise.all(run.repos.map(async ({ repo }) => ({ repo, path: paths[repo], ...(await readStanding(services, run, repo)) })))
}

async function readStanding(services: Services, run: Run, repo: RunRepo['repo']): Promise<Omit<SourceFacts, 'repo' | 'path'>> {
  const [look, comparable] = [lookAt(run.sources, repo), await isComparable(services, run, repo)]
  // Runs of versions that did not look had no linked worktrees.
  if (look === undefined) return { standing: [], checkedOut: undefined, comparable, unknown: run.isolation !== 'linked' ? null : 'it was not compared with what it was before' }
  const blocking = blockingChanges(run.isolation, look)
  const more = hidesBlocking(run.isolation, look) ? `${look.unlisted} more things changed there than are listed` : null
  const unknown = look.accepted === null ? (look.unread ?? more) : null
  if (blocking.length === 0) return { standing: [], checkedOut: undefined, unknown, comparable }
  try {
    const { changes, checkedOut } = await services.tripwire.findStanding(await services.repoPaths.sourceOf(repo), blocking)
    return { standing: changes, checkedOut, unknown, comparable }
  } catch (error) {
    return { standing: blocking, checkedOut: undefined, unknown: messageOf(error), comparable }
  }
}
