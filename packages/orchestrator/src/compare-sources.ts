import { blockingChanges, hidesBlocking, isOpenLook, listChanges, lookAt, messageOf, sourceFingerprintsSchema, type NewRunEvent, type RepoName, type Run, type RunId, type RunRepo, type Snapshot, type SourceChange, type SourceFacts, type SourceFingerprint, type SourceFingerprints } from '@signalbox/core'
import { hasWorkspace } from './capture-snapshot.ts'
import { checkoutOf } from './checkout-of.ts'
import { readJsonIfThere, writeDurably } from './durable-file.ts'
import type { ComparedSource } from './git-ports.ts'
import type { Services } from './services.ts'
import { readLanded, withoutOurs } from './without-ours.ts'

/** Changes that are recorded of one source: a checkout that was rebuilt meanwhile must not fill the log of a run. */
export const listedChanges = 1_000

/** Keeps what the sources of a run look like before it, out of every repository. */
export async function keepFingerprints(services: Pick<Services, 'layout'>, id: RunId, fingerprints: SourceFingerprints): Promise<void> {
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

/** Compares one source of a run with what it was before. */
export function compareSource(services: Services, run: Run, repo: RunRepo, round: Snapshot | undefined): Promise<ComparedSource> {
  return compareOrSay(run, repo.repo, async () => {
    const before = await readKept(services, run, repo.repo)
    if (before === undefined) return { changes: [], unread: 'what it was before the run is not kept any more' }
    const saved = round?.repos.find((one) => one.repo === repo.repo)
    const checkout = await checkoutOf(services, run, repo)
    const { changes, unread } = await services.tripwire.compare(checkout, before, { round: saved, landed: () => readLanded(services, repo.repo) })
    return { changes: await withoutOurs(services, { source: checkout.source, branch: refOf(repo.source.branch) }, changes), unread }
  })
}

/** A comparison that fails is one that tells so. Where it tells less than all, what was seen of the run's doing while its agent worked stays. */
export async function compareOrSay({ sources }: Run, repo: RepoName, compare: () => Promise<ComparedSource>): Promise<ComparedSource> {
  const { changes, unread } = await compare().catch((error: unknown) => ({ changes: [], unread: messageOf(error) }))
  const seen = lookAt(sources, repo)
  if (unread === null || seen?.live !== true) return { changes, unread }
  const isSeen = ({ what, name }: SourceChange): boolean => seen.changes.some((one) => one.what === what && one.name === name)
  return { changes: [...seen.changes, ...changes.filter((change) => !isSeen(change))], unread }
}

function refOf(branch: string | null): string | undefined {
  return branch === null ? undefined : `refs/heads/${branch}`
}

/** Returns what the sources were like before the run; undefined when that is not kept any more. */
export function readFingerprints(services: Pick<Services, 'layout'>, id: RunId): Promise<SourceFingerprints | undefined> {
  return readJsonIfThere(services.layout.run(id).sources, sourceFingerprintsSchema, 'Nothing can be compared without it; start a new run')
}

async function readKept(services: Services, run: Run, repo: RepoName): Promise<SourceFingerprint | undefined> {
  const kept = (await readFingerprints(services, run.id))?.find((one) => one.repo === repo)
  return kept !== undefined && 'fingerprint' in kept ? kept.fingerprint : undefined
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

/** Looks whether what a run did to its sources is still there, for the gate. Nothing is asked where nothing was done. */
export async function gatherSources(services: Services, run: Run): Promise<readonly SourceFacts[]> {
  if (run.state.kind !== 'ended') return []
  const paths = await services.repoPaths.read()
  const own = run.repos.map(({ repo }) => ({ repo, foreign: false }))
  const others = run.sources.flatMap(({ repo, foreign }) => (foreign === true ? [{ repo, foreign }] : []))
  return Promise.all([...own, ...others].map(async (of) => ({ ...of, path: paths[of.repo], ...(await readStanding(services, run, of.repo)) })))
}

async function readStanding(services: Services, run: Run, repo: RunRepo['repo']): Promise<Omit<SourceFacts, 'repo' | 'foreign' | 'path'>> {
  const [look, comparable] = [lookAt(run.sources, repo), await isComparable(services, run, repo)]
  // Runs of versions that did not look had no linked worktrees.
  if (look === undefined) return { standing: [], checkedOut: undefined, gone: [], comparable, unknown: run.isolation !== 'linked' ? null : 'it was not compared with what it was before' }
  const blocking = blockingChanges(run.isolation, look)
  const more = hidesBlocking(run.isolation, look) ? `${look.unlisted} more things changed there than are listed` : null
  const unknown = look.accepted !== null || look.foreign === true ? null : (look.unread ?? more)
  if (blocking.length === 0) return { standing: [], checkedOut: undefined, gone: [], unknown, comparable }
  try {
    const { changes, checkedOut, gone } = await services.tripwire.findStanding(await services.repoPaths.sourceOf(repo), blocking)
    return { standing: changes, checkedOut, gone, unknown, comparable }
  } catch (error) {
    return { standing: blocking, checkedOut: undefined, gone: [], unknown: messageOf(error), comparable }
  }
}
