import { messageOf, recordKinds, sayStrayRepos, sayUnknown, sayUnknownFact, settleWords, type Diagnosis, type HumanFace, type Quarantined, type Repair, type Run } from '@signalbox/core'
import { findKeyDamage } from './approval-key.ts'
import { listActive } from './active-runs.ts'
import { diagnoseAgents, findOpenRuns } from './doctor-agents.ts'
import { diagnoseFolders } from './doctor-folders.ts'
import { diagnoseLocks } from './doctor-locks.ts'
import { diagnoseOwnLocks, mendOwnLocks } from './doctor-own-locks.ts'
import { diagnosePins } from './doctor-pins.ts'
import { diagnoseRepos, readRegistry, sourcesOf } from './doctor-repos.ts'
import { diagnoseRounds } from './doctor-rounds.ts'
import { diagnoseSurvivors } from './doctor-survivors.ts'
import { findOrSay, type DoctorLine } from './doctor-line.ts'
import { readOwner } from './lease.ts'
import { findNewer } from './newer.ts'
import { readRuns } from './read-runs.ts'
import { look } from './look.ts'
import { readReview } from './review-file.ts'
import { recover } from './recover.ts'
import { withState, type Services } from './services.ts'

/** Looks at everything that can go wrong between commands; with `fix`, mends first what needs no human. Touches no record's text. */
export async function doctor(services: Services, fix: boolean): ReturnType<HumanFace['doctor']> {
  if (!fix) return { diagnoses: (await findAll(services)).map(toDiagnosis), repairs: [] }
  const repairs = [...mendOwnLocks(services, (await readRuns(services)).runs)]
  const found = await findAll(services)
  for (const line of found) if (line.repair !== undefined) repairs.push(await repairOne(services, line, line.repair))
  await services.search.rebuild()
  return { diagnoses: (await findAll(services)).map(toDiagnosis), repairs }
}

async function findAll(services: Services): Promise<readonly DoctorLine[]> {
  // First what settles: the looks after it find things as they stay.
  const ofRuns = await diagnoseRuns(services)
  const [registry, { runs }] = await Promise.all([readRegistry(services), readRuns(services)])
  const sources = sourcesOf(registry)
  // A program may take seconds to say its version: that is waited for last.
  const ofAgents = findOrSay('agents', async () => diagnoseAgents(services, await findOpenRuns(services, runs)))
  return [
    ...(await diagnoseFormats(services, runs)),
    ...diagnoseOwnLocks(services, runs),
    ...(await services.diagnose(await listActive(services.layout))),
    await diagnoseIndex(services),
    ...(await diagnoseRecords(services)),
    ...(await diagnoseTasks(services)),
    ...(await findOrSay('approvals', () => diagnoseKey(services))),
    ...registry.troubles,
    ...(await diagnoseRepos(services, registry)),
    ...ofRuns,
    ...(await diagnoseSurvivors(services, runs)),
    ...(await diagnoseRounds(services, sources, runs)),
    ...(await diagnosePins(services, sources, runs)),
    ...(await diagnoseLocks(services, sources)),
    ...(await findOrSay('workspaces', () => diagnoseFolders(services, runs))),
    // Which agents there are stands in the settings, too: once is enough to say that they cannot be read.
    ...(registry.troubles.length > 0 ? [] : await ofAgents),
  ]
}

/** What a newer version wrote is read here, and nothing more. */
async function diagnoseFormats(services: Services, runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  const said = [{ subject: 'memory', message: (await findNewer(services))?.message }, ...(await Promise.all(runs.map(async (run) => ({ subject: run.id as string, message: sayUnknown(run) ?? (await sayNewerReview(services, run)) }))))]
  return said.flatMap(({ subject, message }): DoctorLine[] => (message === undefined ? [] : [{ code: 'format_newer', subject, state: 'problem', message, remedy: 'Update Signalbox; until then it reads, and changes nothing there' }]))
}

async function repairOne(services: Services, { code, subject }: DoctorLine, repair: () => Promise<string>): Promise<Repair> {
  try {
    return { code, subject, done: true, message: await withState(services, repair) }
  } catch (error) {
    return { code, subject, done: false, message: messageOf(error) }
  }
}

function toDiagnosis({ code, subject, state, message, remedy }: DoctorLine): Diagnosis {
  return { code, subject, state, message, remedy }
}

async function diagnoseIndex(services: Services): Promise<DoctorLine> {
  try {
    await services.search.search('signalbox', { limit: 1 })
    return { code: 'index', subject: 'index', state: 'ok', message: 'search works', remedy: null }
  } catch (error) {
    return { code: 'index', subject: 'index', state: 'warning', message: messageOf(error), remedy: 'signalbox index rebuild', repair: async () => `read ${(await services.search.rebuild()).records} records into the index again` }
  }
}

async function diagnoseRecords(services: Services): Promise<readonly DoctorLine[]> {
  const listings = await Promise.all(recordKinds.map((kind) => services.memory.list(kind)))
  const { runs, quarantined: ofRuns } = await readRuns(services)
  const quarantined = [...listings.flatMap((listing) => listing.quarantined), ...ofRuns, ...(await findQuarantined(services, runs))]
  if (quarantined.length === 0) {
    const count = listings.reduce((sum, listing) => sum + listing.records.length, 0)
    return [{ code: 'records', subject: 'records', state: 'ok', message: `All ${count} records can be read`, remedy: null }]
  }
  return quarantined.map(({ path, line, reason, remedy }) => ({ code: 'record_quarantined', subject: path, state: 'problem', message: line === null ? reason : `line ${line}: ${reason}`, remedy: remedy ?? 'Repair the file by hand; it is never rewritten for you' }))
}

/** Open tasks that no run is started on. */
async function diagnoseTasks({ memory }: Services): Promise<readonly DoctorLine[]> {
  const { records } = await memory.list('task')
  return records.flatMap((task) => {
    const stray = task.status === 'done' || task.status === 'dropped' ? undefined : sayStrayRepos(task)
    return stray === undefined ? [] : [{ code: 'task_repos_differ', subject: task.id, state: 'problem', message: stray, remedy: `Correct ${task.path}` }]
  })
}

async function diagnoseKey({ layout }: Services): Promise<readonly DoctorLine[]> {
  const damage = await findKeyDamage(layout)
  return damage === undefined ? [] : [{ code: 'approval_key', subject: 'approvals', state: 'problem', message: damage.message, remedy: damage.hint ?? 'Approve again' }]
}

async function sayNewerReview(services: Services, run: Run): Promise<string | undefined> {
  const read = await look(() => readReview(services, run))
  // What cannot be read at all is quarantined.
  return read.known ? sayUnknownFact(read.value.review) : undefined
}

/** Reviews that cannot be read: the gate of their runs is closed until they can. */
async function findQuarantined(services: Services, runs: readonly Run[]): Promise<readonly Quarantined[]> {
  const looks = await Promise.all(runs.map(async (run) => ({ run, found: await look(() => readReview(services, run)) })))
  return looks.flatMap(({ run, found }) => (found.known ? [] : [{ path: `runs/${run.id}/review.jsonl`, line: null, reason: found.because }]))
}

async function diagnoseRuns(services: Services): Promise<readonly DoctorLine[]> {
  const unsettled = await recover(services)
  const active = (await listActive(services.layout)).filter((id) => !unsettled.some(({ run }) => run === id))
  return [
    ...unsettled.map(({ run, because, hint }): DoctorLine => ({ code: 'run_unsettled', subject: run, state: 'problem', message: `it could not be settled: ${because}`, remedy: hint ?? 'Clear what it names, then run any command' })),
    ...(await Promise.all(active.map(async (id) => findOrSay(id, async () => [describeRun(await services.log.fold(id), await readOwner(services.layout, id))])))).flat(),
  ]
}

function describeRun(run: Run, owner: Awaited<ReturnType<typeof readOwner>>): DoctorLine {
  if (run.merge.kind === 'stuck') return { code: 'landing_stuck', subject: run.id, state: 'problem', message: `its landing is stuck half-way: ${run.merge.because}`, remedy: settleWords }
  return { code: 'run', subject: run.id, state: 'ok', message: owner === undefined ? 'is being settled' : `is ${run.state.kind}, owned by process ${owner.pid}`, remedy: null }
}
