import { ControlError, startAgainWords, type Run } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import type { Services } from './services.ts'

/** Says which checkouts of a run are not there any more, as the end of a sentence; undefined when all of them are. */
export async function sayLost(services: Pick<Services, 'layout' | 'repoPaths' | 'workspaces'>, run: Run): Promise<string | undefined> {
  const places = await Promise.all(run.repos.map(async (repo) => ({ repo: repo.repo, place: services.workspaces.readPlace(await checkoutOf(services, run, repo)) })))
  const linked = places.find(({ place }) => place === 'link')
  if (linked !== undefined) return `a link lies in the place of its checkout of ${linked.repo}, and what it leads to is not its own`
  const gone = places.filter(({ place }) => place === 'gone').map(({ repo }) => repo)
  return gone.length === 0 ? undefined : `its checkout of ${gone.join(' and of ')} is gone`
}

/** Makes sure that all checkouts of a run are there before a command works in them. @throws ControlError `run.failed` */
export async function refuseLost(services: Services, run: Run): Promise<void> {
  const lost = await sayLost(services, run)
  if (lost !== undefined) throw new ControlError('run.failed', `Nothing more is started in the workspace of ${run.id}: ${lost}`, { hint: `Start again: signalbox ${startAgainWords(run)}` })
}
