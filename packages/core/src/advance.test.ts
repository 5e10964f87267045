import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { oid } from '../test/facts.ts'
import { isOwnAdvance } from './advance.ts'

const own = new Set([oid('a'), oid('b')])

describe('a target counts as being at the base', () => {
  test('where every commit since is ours and none touches the change', () => {
    expect(isOwnAdvance({ commits: [oid('a'), oid('b')], paths: ['runs/R0001/events.jsonl', 'tasks/T0001-x.md'] }, own, ['notes/N0001-y.md'])).toBe(true)
  })

  test.each([
    ['a commit is somebody else’s', { commits: [oid('a'), oid('c')], paths: [] }, ['x']],
    ['nobody knows how it came there', { commits: [], paths: [] }, ['x']],
    ['a path is changed on both sides', { commits: [oid('a')], paths: ['x'] }, ['x']],
    ['a file is where the change has a folder', { commits: [oid('a')], paths: ['x'] }, ['x/y']],
    ['a path is the same to a disk that takes capitals for small letters', { commits: [oid('a')], paths: ['tasks/T0001-caf\u00e9.md'] }, ['Tasks/t0001-CAFE\u0301.md']],
    ['a folder is where the change has a file', { commits: [oid('a')], paths: ['x/y/z'] }, ['x/y']],
  ])('but not where %s', (_name, advance, changed) => expect(isOwnAdvance(advance, own, changed)).toBe(false))

  test('exactly where no path is another, or lies in it', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'a.b'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    fc.assert(
      fc.property(fc.array(path), fc.array(path), (paths, changed) => {
        const collide = paths.some((one) => changed.some((other) => one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)))
        expect(isOwnAdvance({ commits: [oid('a')], paths }, own, changed)).toBe(!collide)
      }),
    )
  })
})
