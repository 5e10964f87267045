import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { quote, type Run, type RunId } from '@signalbox/core'
import { basesOf } from './bases-of.ts'
import { findOrSay, type DoctorLine } from './doctor-line.ts'
import type { Pin, SourceRef } from './git-ports.ts'
import { isMadeHere } from './made-here.ts'
import type { Services } from './services.ts'

/** Looks whether each base that a vault borrows is pinned, and for pins that no run needs. */
export async function diagnosePins(services: Services, sources: readonly SourceRef[], runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  const known = new Set(await services.memory.listRuns())
  const found = await Promise.all(
    sources.map((source) =>
      findOrSay(source.repo, async () => {
        const pins = await services.care.listPins(source)
        const orphans = pins.filter(({ run }) => !known.has(run) && !isOfAnother(services, run))
        return [...findMissing(services, source, pins, runs), ...(await Promise.all(orphans.map((pin) => toOrphan(services, source, pin))))]
      }),
    ),
  )
  return found.flat()
}

function findMissing(services: Services, source: SourceRef, pins: readonly Pin[], runs: readonly Run[]): readonly DoctorLine[] {
  const refs = new Set(pins.map(({ ref }) => ref))
  return runs
    // Before its packet there is neither checkout nor pin.
    .filter((run) => run.packet !== undefined && isMadeHere(services, run))
    .flatMap((run) => basesOf(run, source.repo).map((base) => ({ run: run.id, base })))
    .filter(({ run, base }) => !refs.has(`refs/signalbox/pins/${run}/base-${base}`))
    .map(({ run, base }) => ({
      code: 'pin_missing',
      subject: run,
      state: 'warning',
      message: `nothing of ours keeps its base ${base.slice(0, 10)} in ${source.repo}, which its rounds borrow: should the branch go, so would they`,
      remedy: 'signalbox doctor --fix',
      repair: async () => {
        await services.care.pinBase(run, source, base)
        return `pinned the base ${base.slice(0, 10)} of ${run} in ${source.repo} again`
      },
    }))
}

async function toOrphan(services: Services, source: SourceRef, pin: Pin): Promise<DoctorLine> {
  const line = { code: 'pin_orphaned', subject: pin.run, state: 'warning', message: `${pin.ref} in ${source.repo} is of a run that no memory repo here has` } as const
  const remove = `git -C ${quote(source.path)} update-ref -d ${quote(pin.ref)}`
  // Another installation on this source keeps its rounds by pins of the same form, and nobody here can tell: the human decides.
  if (await services.care.isKeptElsewhere(source, pin)) return { ...line, remedy: `Unless somebody else who uses this repository has that run: ${remove}` }
  return { ...line, message: `${line.message}, and the only ref that keeps ${pin.oid.slice(0, 10)}`, remedy: `If nobody needs that commit: ${remove}` }
}

/** Several memory repos may have the same source registered: each has its state folder beside ours. */
function isOfAnother({ layout }: Services, run: RunId): boolean {
  const root = dirname(layout.root)
  return readdirSync(root).some((name) => existsSync(join(root, name, 'runs', run)))
}
