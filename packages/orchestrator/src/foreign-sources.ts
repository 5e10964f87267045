import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { listChanges, lookAt, messageOf, parseRepoName, recordLayout, workspaceBase, type NewRunEvent, type Run, type Snapshot, type SourceChange, type SourceFingerprint, type SourceFingerprints } from '@signalbox/core'
import { atMost } from './at-most.ts'
import { checkoutOf } from './checkout-of.ts'
import { compareOrSay, keepFingerprints, listedChanges, readFingerprints } from './compare-sources.ts'
import type { ComparedSource, SourceRef } from './git-ports.ts'
import { isMemory } from './memory-source.ts'
import type { Services } from './services.ts'
import { readLanded, withoutOurs } from './without-ours.ts'

/** Sources looked at at a time: each is two git processes, and the checkouts of the run are being made meanwhile. */
const atOnce = 4

/** Milliseconds that looks at repos which a run has nothing to do with may hold its agent up; a disk that is away answers late or never. */
const patienceMs = 10_000

/** What looking at them before a run asks for. */
type LookServices = Pick<Services, 'layout' | 'repoPaths'> & { readonly memory: Pick<Services['memory'], 'readConfig'>; readonly tripwire: Pick<Services['tripwire'], 'observeForeign'> }

/** A source as it is kept: what it was before a run, or why nobody knows. */
type Kept = SourceFingerprints[number]

/** Keeps beside what the repos of a run looked like before it what all others that are registered do. One that cannot be read is kept as that, and holds nothing up. */
export async function keepForeign(services: LookServices, run: Pick<Run, 'id' | 'repos'>, patience = patienceMs): Promise<void> {
  const [own, sources] = await Promise.all([readFingerprints(services, run.id), listForeign(services, run)])
  // Without it all that could be compared is its own repos, and those say that it is gone.
  if (own === undefined || sources.length === 0) return
  const end = performance.now() + patience
  const foreign = await atMost(atOnce, sources, (source) => observe(services, source, end - performance.now()))
  await keepFingerprints(services, run.id, [...own.filter(({ repo }) => isOwn(run, repo)), ...foreign])
}

async function observe({ tripwire }: LookServices, source: SourceRef, patience: number): Promise<Kept> {
  const { repo } = source
  const late = new AbortController()
  const observed = tripwire.observeForeign(source).then((fingerprint) => ({ repo, fingerprint }), (error: unknown) => ({ repo, unread: messageOf(error) }))
  const given = delay(Math.max(0, patience), { repo, unread: 'it took too long to look at before the run' }, { signal: late.signal })
  try {
    return await Promise.race([observed, given.catch(() => observed)])
  } finally {
    late.abort()
  }
}

/** The registered sources on this machine that a run has no checkout of. */
async function listForeign({ memory, repoPaths }: LookServices, run: Pick<Run, 'repos'>): Promise<readonly SourceRef[]> {
  const [config, paths] = await Promise.all([memory.readConfig(), repoPaths.read()])
  return Object.keys(config.repos).flatMap((name) => {
    const [repo, path] = [parseRepoName(name), paths[name]]
    return repo === undefined || path === undefined || isOwn(run, repo) || !existsSync(path) ? [] : [{ repo, path }]
  })
}

function isOwn({ repos }: Pick<Run, 'repos'>, repo: Kept['repo']): boolean {
  return repos.some((one) => one.repo === repo)
}

/** Compares at the end of a run the sources that it has no checkout of, and returns what there is to record: nothing of one where nothing happened. */
export async function compareForeign(services: Services, run: Run, round: Snapshot | undefined): Promise<readonly NewRunEvent[]> {
  const looks = await atMost(atOnce, await readForeign(services, run), async (kept) => ({ repo: kept.repo, ...(await compareOne(services, run, kept, round)) }))
  return looks.flatMap(({ repo, changes, unread }): NewRunEvent[] => {
    const isNews = changes.length > 0 || unread !== null || lookAt(run.sources, repo) !== undefined
    return isNews ? [{ type: 'source.compared', data: { repo, foreign: true, ...listChanges('private', changes, listedChanges), unread } }] : []
  })
}

/** Returns what is kept of such sources. What cannot be read is said of the run's own repos, which are kept beside them. */
export async function readForeign(services: Services, run: Run): Promise<SourceFingerprints> {
  const kept = await readFingerprints(services, run.id).catch(() => undefined)
  return (kept ?? []).filter(({ repo }) => !isOwn(run, repo))
}

/** Compares one of them with what it was before. */
export function compareOne(services: Services, run: Run, kept: Kept, saved: Snapshot | undefined): Promise<ComparedSource> {
  return compareOrSay(run, kept.repo, async () => {
    if (!('fingerprint' in kept)) return { changes: [], unread: kept.unread }
    const source = await services.repoPaths.sourceOf(kept.repo)
    const own = await Promise.all(
      run.repos.map(async (repo) => ({ checkout: await checkoutOf(services, run, repo), base: workspaceBase(run, repo), saved: saved?.repos.find((one) => one.repo === repo.repo) })),
    )
    const { changes, unread } = await services.tripwire.compareForeign(run.id, source, kept.fingerprint, { own, landed: () => readLanded(services, kept.repo) })
    const theirs = await withoutOurs(services, { source, branch: branchIn(source, kept.fingerprint) }, changes)
    return { changes: isMemory(services, source) ? theirs.filter((change) => !isRecord(change)) : theirs, unread }
  })
}

function branchIn({ path }: SourceRef, { head }: SourceFingerprint): string | undefined {
  const [, is] = head.find(([place]) => place === path) ?? []
  return is?.startsWith('ref: ') === true ? is.slice('ref: '.length) : undefined
}

/** Tells whether a change is one that we and the human make of the memory repo all the time: a record that is not committed yet. */
function isRecord({ what, name, evidence }: SourceChange): boolean {
  const folders = [...Object.values(recordLayout).map(({ folder }) => folder), 'runs']
  return (what === 'file' || what === 'index') && evidence === null && folders.some((folder) => name.startsWith(`${folder}/`))
}
