import { parseOid, type Oid } from '@signalbox/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classifyPath, foldersOf, type DiskEntry, type PathState } from './landing-paths.ts'
import type { RawChange, TreeEntry } from './raw-diff.ts'

const oid = (digit: string): Oid => parseOid(digit.repeat(40)) ?? fail()
function fail(): never {
  throw new Error('not an object id')
}

const A: TreeEntry = { mode: '100644', oid: oid('a') }
const B: TreeEntry = { mode: '100644', oid: oid('b') }
const TOOL: TreeEntry = { mode: '100755', oid: oid('a') }
const LINK: TreeEntry = { mode: '120000', oid: oid('c') }
const MODULE: TreeEntry = { mode: '160000', oid: oid('d') }

const nothing: DiskEntry = { kind: 'nothing' }
const folder: DiskEntry = { kind: 'folder' }
const file = (entry: TreeEntry, executable = false): DiskEntry => ({ kind: 'file', oid: entry.oid, executable })
const strange: DiskEntry = { kind: 'file', oid: oid('f'), executable: false }

const change = (from: TreeEntry | undefined, to: TreeEntry | undefined, path = 'p'): RawChange => ({ status: 'M', path, oldPath: undefined, from, to })

/** `starts`: which entries the bytes on disk are the beginning of. */
function classify(one: RawChange, disk: DiskEntry, more: { readonly starts?: readonly TreeEntry[]; readonly others?: readonly RawChange[] } = {}): Promise<PathState> {
  return classifyPath(one, disk, foldersOf([one, ...(more.others ?? [])]), async (entry) => (more.starts ?? []).includes(entry))
}

describe('what a path of an interrupted landing holds', () => {
  test.each<[string, RawChange, DiskEntry, PathState]>([
    ['the old bytes', change(A, B), file(A), 'from'],
    ['the new bytes', change(A, B), file(B), 'to'],
    ['nothing, between removal and writing', change(A, B), nothing, 'missing'],
    ['nothing where the change adds a file', change(undefined, B), nothing, 'from'],
    ['nothing where the change deletes a file', change(A, undefined), nothing, 'to'],
    ['a file that is to be deleted', change(A, undefined), file(A), 'from'],
    ['other bytes', change(A, B), strange, 'foreign'],
    ['other bytes where a file is added', change(undefined, B), strange, 'foreign'],
    ['other bytes where a file is deleted', change(A, undefined), strange, 'foreign'],
    ['a link instead of the file', change(A, B), { kind: 'link', oid: oid('c') }, 'foreign'],
    ['the old link', change(LINK, A), { kind: 'link', oid: oid('c') }, 'from'],
    ['another link', change(LINK, A), { kind: 'link', oid: oid('f') }, 'foreign'],
    ['a file with the bytes of a link', change(LINK, A), { kind: 'file', oid: oid('c'), executable: false }, 'foreign'],
    ['the file before it became executable', change(A, TOOL), file(A, false), 'from'],
    ['the file after it became executable', change(A, TOOL), file(A, true), 'to'],
    ['new bytes that somebody made executable, which the change does not touch', change(A, B), file(B, true), 'to'],
    ['a folder where no side has one', change(A, B), folder, 'foreign'],
    ['a submodule, of which the disk tells nothing', change(MODULE, undefined), folder, 'foreign'],
    ['a device', change(A, B), { kind: 'other' }, 'foreign'],
  ])('is told for %s', async (_name, one, disk, state) => {
    expect(await classify(one, disk)).toBe(state)
  })

  test('is told where a folder becomes a file and back', async () => {
    const others = [change(A, undefined, 'p/inside')]
    expect(await classify(change(undefined, B), folder, { others })).toBe('from')
    expect(await classify(change(undefined, B), folder)).toBe('foreign')
    expect(await classify(change(B, undefined), folder, { others: [change(undefined, A, 'p/in/side')] })).toBe('to')
  })

  test('is partial when the bytes are the beginning of either side, and foreign when they are not', async () => {
    expect(await classify(change(A, B), strange, { starts: [B] })).toBe('partial')
    expect(await classify(change(A, B), strange, { starts: [A] })).toBe('partial')
    expect(await classify(change(A, undefined), strange, { starts: [A] })).toBe('partial')
    expect(await classify(change(LINK, LINK), strange, { starts: [LINK] })).toBe('foreign')
  })

  test('is never called ours unless the bytes are one side’s or the beginning of one', async () => {
    const entry = fc.constantFrom<TreeEntry | undefined>(undefined, A, B, TOOL, LINK, MODULE)
    const disk = fc.oneof(fc.constantFrom(nothing, folder, strange, { kind: 'other' as const }), fc.record({ kind: fc.constantFrom('file' as const, 'link' as const), oid: fc.constantFrom(oid('a'), oid('b'), oid('c'), oid('d'), oid('f')), executable: fc.boolean() }))
    await fc.assert(
      fc.asyncProperty(entry, entry, disk, fc.boolean(), async (from, to, found, starts) => {
        const state = await classify(change(from, to), found, starts ? { starts: [A, B, TOOL] } : {})
        const isKnown = 'oid' in found && [from, to].some((side) => side?.oid === found.oid)
        const isStart = found.kind === 'file' && starts && [from, to].some((side) => side !== undefined && side.mode.startsWith('100'))
        if (!isKnown && !isStart && found.kind !== 'nothing') expect(state).toBe('foreign')
        if (found.kind === 'nothing') expect(state).not.toBe('foreign')
      }),
    )
  })
})
