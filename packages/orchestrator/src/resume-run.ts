import { ControlError, isUnsettled, type Agent, type ResumeRequest, type Run, type RunId } from '@signalbox/core'
import { markActive } from './active-runs.ts'
import { findInstalled } from './agents.ts'
import { hasWorkspace } from './capture-snapshot.ts'
import { keepFingerprints } from './compare-sources.ts'
import { sayLost } from './lost-checkouts.ts'
import { isMadeHere, sayAgainHere } from './made-here.ts'
import { refuseActive, refuseMerged } from './refuse-merged.ts'
import { reservePorts } from './run-ports.ts'
import type { Services } from './services.ts'
import { launch } from './start-run.ts'
import { refuseFull } from './watch-room.ts'

/**
 * Lets the agent of an ended run go on in its workspace: in the session of its own where it can, else anew with its packet and what is known of its end.
 * What it leaves is the next round. The caller holds the state lock. @throws ControlError `resume.refused`
 */
export async function resumeRun(services: Services, run: Run, { text, minutes }: ResumeRequest): Promise<RunId> {
  const agent = await refuseResume(services, run)
  const goesOn = run.session !== undefined && agent.abilities?.resume === true
  // What changed in the sources since its end is nobody's evidence against it.
  const fingerprints = await Promise.all(run.repos.map(async ({ repo }) => ({ repo, fingerprint: (await services.sources.observe(await services.repoPaths.sourceOf(repo))).fingerprint })))
  await reservePorts(services.layout, run.id)
  await Promise.all([keepFingerprints(services, run.id, fingerprints), markActive(services.layout, run.id)])
  await services.log.append(run.id, {
    type: 'run.resumed',
    data: { by: await services.readActor(), how: goesOn ? 'session' : 'packet', text: text ?? null, minutes: minutes ?? run.minutes },
  })
  await launch(services, run, 'resume')
  return run.id
}

/** Refuses what cannot go on, before anything is recorded of it; returns the agent that goes on. @throws ControlError `resume.refused`, `run.active`, `run.already_merged`, `task.closed`, `agent.not_found`, `agent.not_installed`, `disk.full` */
export async function refuseResume(services: Services, run: Run): Promise<Agent> {
  refuseActive(run)
  await refuseMerged(services, run)
  await refuseFull(services)
  await refuseUnready(services, run)
  const task = await services.memory.read('task', run.task)
  if (task.status === 'done' || task.status === 'dropped') throw new ControlError('task.closed', `${task.id} is ${task.status}; nothing of it is gone on with`, { hint: `Open it again first: signalbox task edit ${task.id} --status ready` })
  return findInstalled(services, run.agent)
}

async function refuseUnready(services: Services, run: Run): Promise<void> {
  const refuse = (because: string, hint: string): never => {
    throw new ControlError('resume.refused', `${run.id} cannot go on: ${because}`, { hint })
  }
  if (run.takesBack !== undefined) refuse('no agent works in it', `Settle it in its workspace: signalbox refresh ${run.id} --resolve`)
  if (!isMadeHere(services, run)) refuse('it was made on another machine, or its state folder is gone', `Let it go on there, or start anew here: signalbox ${sayAgainHere(services, run)}`)
  const lost = run.packet === undefined || !hasWorkspace(services, run) ? 'its workspace is gone' : await sayLost(services, run)
  if (lost !== undefined) refuse(lost, `Start again, with whatever is saved of it: signalbox ${sayAgainHere(services, run)}`)
  if (run.resolving !== undefined) refuse('conflicts are being settled in its workspace', `Settle and seal them first: signalbox seal ${run.id}`)
  if (run.sources.some(isUnsettled)) refuse('something of yours changed while it worked, and it is not said whose doing that was', `Read the ways: signalbox gate ${run.id}`)
}
