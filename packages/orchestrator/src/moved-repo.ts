import { ControlError, nameUpTo5, type RepoName } from '@signalbox/core'
import { basesOf } from './bases-of.ts'
import type { InspectedSource } from './git-ports.ts'
import { isOpen } from './open-run.ts'
import { readRuns } from './read-runs.ts'
import type { Services } from './services.ts'

/** A registered repo that is registered somewhere else. */
interface Moved {
  readonly name: RepoName
  readonly movedFrom: string
  readonly found: InspectedSource
}

/**
 * Refuses what is not a repo that was moved: another lies where that was, or what its runs began on is not there. Its vault
 * borrows those commits, and what is still to land lands on them. @throws ControlError `repo.name_taken`, `repo.unreachable`
 */
export async function refuseOther(services: Services, { name, movedFrom, found }: Moved): Promise<void> {
  if (services.sources.isThere({ repo: name, path: movedFrom })) {
    throw new ControlError('repo.name_taken', `${name} is already registered, at ${movedFrom}`, { hint: `Choose another name, or forget that one first: signalbox repo remove ${name}` })
  }
  const runs = (await readRuns(services)).runs.filter((run) => basesOf(run, name).length > 0)
  const bases = [...new Set(runs.flatMap((run) => basesOf(run, name)))]
  const absent = new Set(await services.sources.findAbsent({ repo: name, path: found.path }, bases))
  if (bases.length > 0 && absent.size === bases.length) {
    throw new ControlError('repo.name_taken', `${found.path} is not ${name}, which was at ${movedFrom}: it has none of the commits that runs of ${name} began on`, { hint: 'Give the folder that was moved, or choose another name' })
  }
  const cut = runs.filter((run) => isOpen(run) && basesOf(run, name).some((base) => absent.has(base)))
  if (cut.length > 0) {
    throw new ControlError('repo.name_taken', `${found.path} lacks commits that open runs of ${name} began on: ${nameUpTo5(cut.map((run) => `${basesOf(run, name).filter((base) => absent.has(base)).map((base) => base.slice(0, 10)).join(', ')} of ${run.id}`))}`, {
      hint: `Fetch them there from wherever they still are, or give those runs up: ${cut.slice(0, 5).map(({ id }) => `signalbox reject ${id}`).join(' && ')}`,
    })
  }
}
