import { setImmediate as nextTurn } from 'node:timers/promises'
import { hasCode, keptScanSchema, messageOf, sayNames, type AgentCommit, type AgentHistory, type FoundSecret, type KeptScan, type Known, type RepoName, type Run, type SecretScan, type Snapshot } from '@signalbox/core'
import { stepsOf, type AgentStep } from './agent-commits.ts'
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

/** Name under which the path of a file stands, for what is in none: a commit says more than its files. */
const MESSAGE = '(commit message)'

/** What is known of what no scan is there for. */
export const notLooked = { known: false, because: 'nobody looked' } as const

/** What was found in what a round adds, by repo, and in what single commits add, by the name of that change. */
export interface SecretScans {
  readonly repos: ReadonlyMap<RepoName, Known<SecretScan>>
  readonly steps: ReadonlyMap<string, Known<SecretScan>>
}

/** Names what one commit changed. */
export function nameStep({ base, commit }: AgentStep['change']): string {
  return `${base}-${commit}`
}

/**
 * Looks for credentials in what each repo of a round adds, and in what each commit of these histories adds by itself. A round never changes, so what
 * was found is kept in the run's state, for this version of the rules; a look that failed is not kept.
 */
export async function scanSecrets(services: Services, run: Run, round: Snapshot, histories: ReadonlyMap<RepoName, Known<AgentHistory>>): Promise<SecretScans> {
  const kept = await readKept(services, run, round)
  const [repos, steps] = await Promise.all([scanRepos(services, round, kept), scanSteps(services, round, kept, histories)])
  const found = { repos: knownOf(repos), steps: { ...kept.steps, ...knownOf(steps) } }
  const isNew = Object.keys(found.repos).some((repo) => !Object.hasOwn(kept.repos, repo)) || Object.keys(found.steps).some((step) => !Object.hasOwn(kept.steps ?? {}, step))
  if (isNew) await keep(services, run, { ...kept, ...found })
  return { repos, steps }
}

function knownOf<K extends string>(scans: ReadonlyMap<K, Known<SecretScan>>): Record<string, SecretScan> {
  return Object.fromEntries([...scans].flatMap(([name, scan]) => (scan.known ? [[name, scan.value]] : [])))
}

async function scanRepos(services: Services, round: Snapshot, kept: KeptScan): Promise<SecretScans['repos']> {
  const scans = await Promise.all(
    round.repos.map(async (saved): Promise<readonly [RepoName, Known<SecretScan>]> => {
      const known = saved.files === 0 ? nothing : kept.repos[saved.repo]
      return [saved.repo, known === undefined ? await look(() => scanChange(services, saved.repo, saved, bounds)) : { known: true, value: known }]
    }),
  )
  return new Map(scans)
}

/** One after the other: there may be hundreds, which together are looked through no further than one round. */
async function scanSteps(services: Services, round: Snapshot, kept: KeptScan, histories: ReadonlyMap<RepoName, Known<AgentHistory>>): Promise<SecretScans['steps']> {
  const scans = new Map<string, Known<SecretScan>>()
  for (const [repo, history] of histories) {
    const saved = round.repos.find((candidate) => candidate.repo === repo)
    if (!history.known || history.value.kind === 'unfit' || saved === undefined) continue
    const { commits } = history.value
    const steps = stepsOf(history.value, saved)
    const each = { file: bounds.file, total: Math.floor(bounds.total / Math.max(1, steps.length)) }
    for (const { commit, change } of steps) {
      const known = kept.steps?.[nameStep(change)]
      const said = commits.find(({ oid }) => oid === commit)
      scans.set(nameStep(change), known === undefined ? await look(() => scanStep(services, repo, change, { bounds: each, said })) : { known: true, value: known })
    }
  }
  return scans
}

interface StepScan {
  readonly bounds: typeof bounds
  /** Undefined for what is in no commit. */
  readonly said: AgentCommit | undefined
}

/** A commit brings its message along, and names. */
async function scanStep(services: Services, repo: RepoName, change: AgentStep['change'], { bounds: each, said }: StepScan): Promise<SecretScan> {
  const files = await scanChange(services, repo, change, each)
  if (said === undefined) return files
  const text = `${said.message}\n${sayNames(said)}`
  const places = linesOf(await services.secretRules.find(text, maxPlaces), { line: 1, text, added: [[1, countLineEnds(text, 0, text.length) + 1]] })
  return { ...files, found: [...files.found, ...places.map((place) => ({ path: MESSAGE, ...place }))] }
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

async function scanChange({ repoPaths, snapshots, secretRules }: Services, repo: RepoName, { base, commit }: AgentStep['change'], each: typeof bounds): Promise<SecretScan> {
  const files = await snapshots.readAddedText(await repoPaths.sourceOf(repo), base, commit, each)
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
