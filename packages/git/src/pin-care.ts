import { ControlError, parseOid, parseRunId, type Oid, type RunId } from '@signalbox/core'
import type { Git } from './exec.ts'
import { gitInSource, reach, type SourceRef } from './source-ref.ts'
import { pinBase } from './pin-base.ts'

/** A ref of ours in a source. */
export interface Pin {
  readonly ref: string
  readonly run: RunId
  readonly oid: Oid
}

const PIN = /^refs\/signalbox\/pins\/(R\d+)\/(base|landing)-[0-9a-f]+$/

/** Lists the pins in a source; what lies there under another name is not ours and left out. */
export async function listPins(git: Git, source: SourceRef): Promise<readonly Pin[]> {
  const { text } = await reach(source, () => gitInSource(git, source.path)(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/signalbox/pins/']))
  return text.split('\n').flatMap((line) => {
    const [id, ref = ''] = line.split(' ')
    const [oid, run] = [parseOid(id), parseRunId(PIN.exec(ref)?.[1] ?? '')]
    return oid === undefined || run === undefined ? [] : [{ ref, run, oid }]
  })
}

/** Pins a base of a run again. @throws ControlError `snapshot.not_found` when the source has it no more */
export async function pinAgain(git: Git, source: SourceRef, run: RunId, base: Oid): Promise<void> {
  const { exitCode } = await gitInSource(git, source.path)(['cat-file', '-e', `${base}^{commit}`], { okExits: [0, 1, 128] })
  if (exitCode !== 0) {
    throw new ControlError('snapshot.not_found', `${source.repo} does not hold the base ${base.slice(0, 10)} of ${run} any more`, { hint: `Fetch that commit into ${source.path} from wherever it still is, then try again` })
  }
  await pinBase(git, { run, source }, base)
}

/** Says whether a branch, tag or remote branch of the source keeps what a pin keeps. */
export async function isKeptElsewhere(git: Git, source: SourceRef, { oid }: Pin): Promise<boolean> {
  const { text } = await gitInSource(git, source.path)(['for-each-ref', '--count=1', '--format=%(refname)', `--contains=${oid}`, 'refs/heads/', 'refs/tags/', 'refs/remotes/'])
  return text !== ''
}

/**
 * Returns the pins of landings of a run whose commits a branch or tag of the source keeps anyway. Those of bases are
 * never spare: a vault borrows them, with all the history below, and a branch may be rewritten tomorrow.
 */
export async function findSparePins(git: Git, source: SourceRef, run: RunId): Promise<readonly Pin[]> {
  const pins = (await listPins(git, source)).filter((pin) => pin.run === run && pin.ref.includes('/landing-'))
  const kept = await Promise.all(pins.map((pin) => isKeptElsewhere(git, source, pin)))
  return pins.filter((_, index) => kept[index])
}

/** Removes a pin, unless it leads elsewhere by now. */
export async function removePin(git: Git, source: SourceRef, { ref, oid }: Pin): Promise<void> {
  await gitInSource(git, source.path)(['update-ref', '-d', ref, oid])
}
