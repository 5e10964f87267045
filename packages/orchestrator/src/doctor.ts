import { existsSync } from 'node:fs'
import { messageOf, recordKinds, type Diagnosis } from '@signalbox/core'
import { listActive } from './active-runs.ts'
import { readOwner } from './lease.ts'
import { readRuns } from './read-runs.ts'
import { recover } from './recover.ts'
import { withState, type Services } from './services.ts'

/** Looks at everything that can go wrong between commands, and says what to do about each. */
export async function diagnose(services: Services): Promise<readonly Diagnosis[]> {
  return [...(await services.diagnose(await listActive(services.layout))), await diagnoseIndex(services), ...(await diagnoseRecords(services)), ...(await diagnoseRepos(services)), ...(await diagnoseRuns(services))]
}

/** Does what needs no human: settles what was killed, commits what was queued, builds the index anew. Touches no record's text. */
export async function repair(services: Services): Promise<void> {
  await recover(services)
  await withState(services, () => services.memory.commit('doctor: commit what was queued'))
  await services.search.rebuild()
}

async function diagnoseIndex(services: Services): Promise<Diagnosis> {
  try {
    await services.search.search('signalbox', { limit: 1 })
    return { subject: 'index', state: 'ok', message: 'search works', remedy: null }
  } catch (error) {
    return { subject: 'index', state: 'warning', message: messageOf(error), remedy: 'signalbox index rebuild' }
  }
}

async function diagnoseRecords(services: Services): Promise<readonly Diagnosis[]> {
  const listings = await Promise.all(recordKinds.map((kind) => services.memory.list(kind)))
  const quarantined = [...listings.flatMap((listing) => listing.quarantined), ...(await readRuns(services)).quarantined]
  if (quarantined.length === 0) {
    const count = listings.reduce((sum, listing) => sum + listing.records.length, 0)
    return [{ subject: 'records', state: 'ok', message: `All ${count} records can be read`, remedy: null }]
  }
  return quarantined.map(({ path, line, reason }) => ({ subject: path, state: 'problem', message: line === null ? reason : `line ${line}: ${reason}`, remedy: 'Repair the file by hand; it is never rewritten for you' }))
}

async function diagnoseRepos(services: Services): Promise<readonly Diagnosis[]> {
  const config = await services.memory.readConfig()
  const paths = await services.repoPaths.read()
  return Promise.all(
    Object.keys(config.repos).map(async (name): Promise<Diagnosis> => {
      const path = paths[name]
      if (path === undefined || !existsSync(path)) {
        return { subject: name, state: 'problem', message: path === undefined ? 'it has no folder on this machine' : `its folder ${path} is gone`, remedy: `signalbox repo add PATH --name ${name}` }
      }
      try {
        await services.sources.inspect(path)
        return { subject: name, state: 'ok', message: path, remedy: null }
      } catch (error) {
        return { subject: name, state: 'problem', message: messageOf(error), remedy: `Repair the repository at ${path}` }
      }
    }),
  )
}

async function diagnoseRuns(services: Services): Promise<readonly Diagnosis[]> {
  const unsettled = await recover(services)
  if (unsettled.length > 0) return unsettled.map(({ run, because }) => ({ subject: run, state: 'problem', message: `it could not be settled: ${because}`, remedy: 'Clear what it names, then run any command' }))
  const active = await listActive(services.layout)
  return Promise.all(
    active.map(async (id): Promise<Diagnosis> => {
      const run = await services.log.fold(id)
      if (run.merge.kind === 'stuck') return { subject: id, state: 'problem', message: `its landing is stuck half-way: ${run.merge.because}`, remedy: 'Clear what it names, then run any command' }
      const owner = await readOwner(services.layout, id)
      return { subject: id, state: 'ok', message: owner === undefined ? 'is being settled' : `is ${run.state.kind}, owned by process ${owner.pid}`, remedy: null }
    }),
  )
}
