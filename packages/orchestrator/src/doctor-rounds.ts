import { ControlError, count, keptSnapshots, snapshotNumber, type Run } from '@signalbox/core'
import { checkoutOf } from './checkout-of.ts'
import { findOrSay, type DoctorLine } from './doctor-line.ts'
import type { SavedRound, SourceRef } from './git-ports.ts'
import { isMadeHere } from './made-here.ts'
import type { Services } from './services.ts'

/** Looks whether every saved round, and every checkpoint that is kept, of the runs of this machine can still be read and is kept. */
export async function diagnoseRounds(services: Services, sources: readonly SourceRef[], runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  const here = runs.filter((run) => isMadeHere(services, run))
  const found = await Promise.all(sources.map((source) => findOrSay(source.repo, () => diagnoseSource(services, source, here))))
  return [...found.flat(), ...sayElsewhere(runs.filter((run) => !here.includes(run)))]
}

/** Of such runs only the record is here. */
function sayElsewhere(runs: readonly Run[]): readonly DoctorLine[] {
  const { length } = runs.filter((run) => keptSnapshots(run).length > 0)
  if (length === 0) return []
  const message = `${count(length, 'run')} ${length === 1 ? 'has' : 'have'} rounds that are not on this machine: made on another one, or their state folders are gone. They can be neither shown nor landed here`
  return [{ code: 'rounds_elsewhere', subject: 'rounds', state: 'warning', message, remedy: 'Review and land them on the machine that made them, or start new runs here' }]
}

async function diagnoseSource(services: Services, source: SourceRef, runs: readonly Run[]): Promise<readonly DoctorLine[]> {
  const broken = await services.care.findBrokenVault(source)
  if (broken !== undefined) return [sayBroken(services, source, broken)]
  const lost = await services.care.findLostRounds(source, runs.flatMap((run) => roundsOf(run, source)))
  const isCheckpoint = ({ run: id, number }: SavedRound): boolean => runs.find((run) => run.id === id)?.snapshots[number - 1]?.kind === 'checkpoint'
  let aside: Promise<void> | undefined // all of the vault is read for it: once
  return lost.map(({ round, lost: how }) => ({
    code: how === 'unreadable' ? 'round_unreadable' : 'round_unreferenced',
    subject: nameOf(round),
    state: isCheckpoint(round) ? 'warning' : 'problem',
    message: how === 'unreadable' ? `objects of it in the vault of ${source.repo} are missing or damaged, so it can be neither shown nor ${isCheckpoint(round) ? 'gone back to' : 'landed'}` : `the ref that keeps it in the vault of ${source.repo} is gone; a git gc there would delete it`,
    remedy: 'Have it read again from the source or its workspace: signalbox doctor --fix',
    repair: async () => {
      await (aside ??= services.care.setDamagedAside(source))
      return restore(services, source, round)
    },
  }))
}

/** What is in it cannot be told before git opens it: that is the next look. */
function sayBroken(services: Services, source: SourceRef, dir: string): DoctorLine {
  return {
    code: 'vault_broken',
    subject: source.repo,
    state: 'problem',
    message: `git cannot open its vault, ${dir}, so no round in it can be shown or landed`,
    remedy: 'Have HEAD and config there written anew; what is saved in it is not touched: signalbox doctor --fix',
    repair: async () => {
      await services.care.mendVault(source)
      return `wrote anew what git opens ${dir} by`
    },
  }
}

async function restore(services: Services, source: SourceRef, round: SavedRound): Promise<string> {
  const checkout = await checkoutOf(services, await services.log.fold(round.run), source)
  if (await services.care.restoreRound(checkout, round)) return `read ${nameOf(round)} again into the vault of ${source.repo}`
  throw new ControlError('snapshot.not_found', `Neither ${source.repo} nor the workspace of ${round.run} holds the bytes of ${nameOf(round)} any more`, { hint: `Bring back the vault from a backup, or start a new run: see signalbox show ${round.run}` })
}

function roundsOf(run: Run, { repo }: SourceRef): readonly SavedRound[] {
  return keptSnapshots(run).flatMap((snapshot) => {
    const number = snapshotNumber(snapshot.id)
    return snapshot.repos.filter((saved) => saved.repo === repo).map(({ base, commit, tree }) => ({ run: run.id, number, base, commit, tree }))
  })
}

function nameOf({ run, number }: SavedRound): string {
  return `${run}.s${number}`
}
