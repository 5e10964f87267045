import { parseOid, parseRunId, type Oid, type RunId } from '@signalbox/core'
import type { Git } from './exec.ts'
import { gitInSource, reach, type SourceRef } from './source-ref.ts'

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

/** Says whether a branch, tag or remote branch of the source keeps what a pin keeps. */
export async function isKeptElsewhere(git: Git, source: SourceRef, { oid }: Pin): Promise<boolean> {
  const { text } = await gitInSource(git, source.path)(['for-each-ref', '--count=1', '--format=%(refname)', `--contains=${oid}`, 'refs/heads/', 'refs/tags/', 'refs/remotes/'])
  return text !== ''
}

/** Removes a pin, unless it leads elsewhere by now. */
export async function removePin(git: Git, source: SourceRef, { ref, oid }: Pin): Promise<void> {
  await gitInSource(git, source.path)(['update-ref', '-d', ref, oid])
}
