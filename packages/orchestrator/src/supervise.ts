import type { Run, RunId } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import { finishRun } from './finish-run.ts'
import { keepForeign } from './foreign-sources.ts'
import { releaseLease, takeLease } from './lease.ts'
import { becauseOf } from './look.ts'
import { equipRun, prepareRun } from './prepare-run.ts'
import { runAgent, stopped } from './run-agent.ts'
import type { RunEnd } from './run-end.ts'
import { withState, type Services } from './services.ts'
import { openTranscript, type Transcript } from './transcript.ts'

/**
 * Owns one run from claim to handoff; the whole life of a supervisor process.
 * `abort` fires when somebody asked this process to stop: the run is then ended in order.
 */
export async function supervise(services: Services, id: RunId, abort: AbortSignal): Promise<void> {
  const claimed = await withState(services, async () => {
    // Recovery may have ended the run before this process got here.
    if ((await services.log.foldToChange(id)).state.kind !== 'queued') return undefined
    await takeLease(services.layout, id, process.pid)
    return services.log.append(id, { type: 'run.claimed', data: { pid: process.pid } })
  })
  if (claimed === undefined) return
  const transcript = openTranscript(services.layout.run(id).transcript, services.env, services.clock)
  try {
    const end = await work(services, claimed, transcript, abort)
    await finishRun(services, id, end, transcript, abort)
  } finally {
    transcript.close()
    await withState(services, () => releaseLease(services.layout, id, process.pid))
  }
}

/** Makes everything ready for the agent. One that goes on has it, unless the run ended before its agent was ever started. */
async function prepare(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd | undefined> {
  if (run.resumed === undefined) return prepareRun(services, run, transcript, abort)
  await Promise.all([keepForeign(services, run), ...run.repos.map(async (repo) => services.workspaces.follow(await checkoutOf(services, run, repo)))])
  const wasStarted = (await services.log.read(run.id)).some(({ type }) => type === 'run.started')
  return wasStarted ? undefined : equipRun(services, run, transcript, abort)
}

/** Prepares, starts the agent and waits. Whatever goes wrong is how the run ended, never an unrecorded crash. */
async function work(services: Services, run: Run, transcript: Transcript, abort: AbortSignal): Promise<RunEnd> {
  try {
    const setup = await prepare(services, run, transcript, abort)
    if (setup !== undefined) return abort.aborted ? stopped(services, run) : setup
    if (abort.aborted) return await stopped(services, run)
    return await runAgent(services, run, transcript, abort)
  } catch (error) {
    transcript.write('signalbox', becauseOf(error))
    return { outcome: 'failed', because: becauseOf(error), by: 'run' }
  }
}
