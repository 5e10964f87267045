import type { Run, RunRepo } from '@signalbox/core'
import type { CheckoutRef } from './git-ports.ts'
import type { Services } from './services.ts'

/** Returns where the checkout of one repo of a run lies. */
export async function checkoutOf(services: Pick<Services, 'layout' | 'repoPaths'>, run: Pick<Run, 'id' | 'isolation'>, { repo }: Pick<RunRepo, 'repo'>): Promise<CheckoutRef> {
  return { run: run.id, source: await services.repoPaths.sourceOf(repo), path: services.layout.run(run.id).checkout(repo), isolation: run.isolation }
}
