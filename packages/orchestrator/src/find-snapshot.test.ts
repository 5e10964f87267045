import { oidSchema, repoNameSchema, snapshotIdSchema, type SavedMoment, type Snapshot } from '@signalbox/core'
import { expect, it } from 'vitest'
import { savedFilesOf } from './find-snapshot.ts'

it('says of which snapshots the files never lay on a disk', () => {
  const id = snapshotIdSchema.parse('R0001.s2')
  const oid = oidSchema.parse('a'.repeat(40))
  const snapshot: Snapshot = { id, kind: 'round', complete: true, digest: 'd', repos: [{ repo: repoNameSchema.parse('api'), base: oid, commit: oid, tree: oid, files: 1, insertions: 1, deletions: 0, missing: [] }] }
  const moment = (reason: SavedMoment['reason']): SavedMoment => ({ at: '', kind: 'round', snapshot: id, reason, because: null, heldMs: null, thinned: false })
  const computed = (['rest', 'run', 'human', 'refresh', 'recovery', 'undo', 'part'] as const).filter((reason) => savedFilesOf({ saved: [moment(reason)] }, snapshot)[0]?.isComputed)
  expect(computed).toEqual(['refresh', 'undo', 'part'])
})
