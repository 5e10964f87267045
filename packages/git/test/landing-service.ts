import { createGit, type Git } from '../src/exec.ts'
import { createFilters } from '../src/filters.ts'
import { createLanding, type Landing } from '../src/landing.ts'
import type { Failpoint } from '../src/landing-journal.ts'
import { layoutOf } from '../src/layout.ts'
import { createVaults } from '../src/vault.ts'

/** Creates landings over a state folder, as the engine does; `bounded` stands between them and git. */
export function createLandingService(state: string, failpoint: Failpoint, bounded: (git: Git) => Git = (git) => git): Landing {
  const git = createGit()
  const layout = layoutOf(state)
  const filters = createFilters({ git, env: process.env, file: layout.filters })
  return createLanding({ git: bounded(git), env: process.env, filters, vaults: createVaults(git, layout), failpoint })
}
