import { setImmediate as nextTurn } from 'node:timers/promises'
import { hasCode, keptScanSchema, messageOf, type FoundSecret, type KeptScan, type Known, type RepoName, type Run, type SecretScan, type Snapshot, type SnapshotRepo } from '@signalbox/core'
import { readJsonIfThere, writeDurably } from './durable-file.ts'
import { look } from './look.ts'
import type { AddedStretch } from './git-ports.ts'
import { findNewer } from './newer.ts'
import type { SecretRules } from './ports.ts'
import type { Services } from './services.ts'

/**
 * Bytes of added text that are looked through: of one file, and of one repo. A scan of the whole takes a quarter of a second;
 * what is larger is hardly written by hand, and a human has to say that it holds no credential.
 */
const bounds = { file: 4 * 1024 * 1024, total: 32 * 1024 * 1024 }

/** Places per repo after which nobody looks on: it would be a list that nobody reads, and take an agent's text of nothing but tokens long. */
const maxPlaces = 1_000

const nothing: SecretScan = { found: [], unscanned: [] }

/**
 * Looks for credentials in what each repo of a round adds. A round never changes, so what was found is kept in the run's
 * state, for this version of the rules; a look that failed is not kept.
 */
export async function scanSecrets(services: Services, run: Run, round: Snapshot): Promise<ReadonlyMap<RepoName, Known<SecretScan>>> {
  const kept = await readKept(services, run, round)
  const scans = await Promise.all(
    round.repos.map(async (saved): Promise<readonly [RepoName, Known<SecretScan>]> => {
      const known = saved.files === 0 ? nothing : kept.repos[saved.repo]
      return [saved.repo, known === undefined ? await look(() => scanRepo(services, saved)) : { known: true, value: known }]
    }),
  )
  const repos = Object.fromEntries(scans.flatMap(([repo, scan]) => (scan.known ? [[repo, scan.value]] : [])))
  if (Object.keys(repos).some((repo) => !Object.hasOwn(kept.repos, repo))) await keep(services, run, { ...kept, repos })
  return new Map(scans)
}

/** A file that is damaged, of another round or of other rules holds nothing: the look is made again. */
async function readKept({ layout, secretRules }: Services, run: Run, { digest }: Snapshot): Promise<KeptScan> {
  const none: KeptScan = { format: 1, digest, rules: secretRules.version, repos: {} }
  try {
    const kept = await readJsonIfThere(layout.run(run.id).secrets, keptScanSchema, 'It is made again')
    return kept?.digest === digest && kept.rules === secretRules.version ? kept : none
  } catch (error) {
    if (hasCode(error, 'config.invalid')) return none
    throw error
  }
}

/** What was found stands also where it cannot be kept; the next look only takes longer. */
async function keep({ layout, memory }: Services, run: Run, scan: KeptScan): Promise<void> {
  // A scan is made again at any time; what a newer version keeps is not.
  if ((await findNewer({ memory })) !== undefined) return
  try {
    await writeDurably(layout, layout.run(run.id).secrets, JSON.stringify(scan))
  } catch (error) {
    if (!hasCode(error, 'disk.full') && !hasCode(error, 'disk.unwritable')) throw error
    process.emitWarning(`What was looked through for credentials in ${run.id} could not be kept: ${messageOf(error)}`, 'SignalboxWarning')
  }
}

async function scanRepo({ repoPaths, snapshots, secretRules }: Services, { repo, base, commit }: SnapshotRepo): Promise<SecretScan> {
  const files = await snapshots.readAddedText(await repoPaths.sourceOf(repo), base, commit, bounds)
  const found: FoundSecret[] = []
  const unscanned: { path: string; bytes: number }[] = []
  let room = maxPlaces
  for (const { path, bytes, stretches } of files) {
    // A server answers others meanwhile: thousands of files take a second.
    await nextTurn()
    for (const stretch of stretches ?? []) {
      if (room < 0) break
      const places = await secretRules.find(stretch.text, room + 1)
      room -= places.length
      for (const place of linesOf(places, stretch)) found.push({ path, ...place })
    }
    if (stretches === undefined || room < 0) unscanned.push({ path, bytes })
  }
  return { found, unscanned }
}

/** Returns each new line that a credential begins in or reaches into, once: what stands in old lines alone was there before. */
function linesOf(places: Awaited<ReturnType<SecretRules['find']>>, { line: first, text, added }: AddedStretch): readonly Omit<FoundSecret, 'path'>[] {
  const byLine = new Map<number, string>()
  let [from, counted, next] = [first, 0, 0]
  for (const { rule, start, end } of places) {
    // Places and ranges both ascend, so each part of the text is gone through once, however many places an agent makes.
    from += countLineEnds(text, counted, start)
    counted = start
    while ((added[next]?.[1] ?? from) < from) next += 1
    const range = added[next]
    const to = from + countLineEnds(text, start, end - 1)
    if (range === undefined || range[0] > to) continue
    const line = Math.max(from, range[0])
    if (!byLine.has(line)) byLine.set(line, rule)
  }
  return [...byLine].map(([line, rule]) => ({ line, rule }))
}

/** Only a line feed ends a line, as in the diff. */
function countLineEnds(text: string, start: number, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
