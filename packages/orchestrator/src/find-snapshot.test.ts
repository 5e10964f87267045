import { oidSchema, repoNameSchema, snapshotIdSchema, type SavedMoment, type Snapshot } from '@signalbox/core'
import { expect, it } from 'vitest'
import { findStart, savedFilesOf } from './find-snapshot.ts'

const id = snapshotIdSchema.parse('R0001.s2')
const oid = oidSchema.parse('a'.repeat(40))
const snapshot: Snapshot = { id, kind: 'round', complete: true, digest: 'd', repos: [{ repo: repoNameSchema.parse('api'), base: oid, commit: oid, tree: oid, files: 1, insertions: 1, deletions: 0, missing: [] }] }

it('finds what a run begins with among all there ever were: it may have been thinned out since that run was queued', () => {
  expect(findStart({ snapshots: [snapshot] }, id)).toBe(snapshot)
  expect(() => findStart({ snapshots: [] }, id)).toThrow('There is no snapshot R0001.s2')
})

it('says of which snapshots the files never lay on a disk', () => {
  const moment = (reason: SavedMoment['reason']): SavedMoment => ({ at: '', kind: 'round', snapshot: id, reason, because: null, heldMs: null, thinned: false })
  const computed = (['rest', 'run', 'human', 'refresh', 'recovery', 'undo', 'part'] as const).filter((reason) => savedFilesOf({ saved: [moment(reason)] }, snapshot)[0]?.isComputed)
  expect(computed).toEqual(['refresh', 'undo', 'part'])
})
