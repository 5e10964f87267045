import { oidSchema } from '@signalbox/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCommit, subjectOf } from './commit-text.ts'

const oid = fc.integer({ min: 0, max: 0xffff }).map((number) => oidSchema.parse(number.toString(16).padStart(40, '0')))
const name = fc.string({ unit: 'grapheme' }).filter((text) => !/[<>\n\0]/.test(text))
const seconds = fc.integer({ min: 0, max: 253_402_300_799 })
const person = fc.record({ name, email: name, seconds, zone: fc.constantFrom('+0000', '-0330', '+1400') })
const message = fc.string({ unit: 'grapheme' }).filter((text) => !/\0|^signalbox-/im.test(text))
const commit = fc.record({ tree: oid, parents: fc.array(oid, { maxLength: 3 }), author: person, committer: person, message })
type Commit = typeof commit extends fc.Arbitrary<infer C> ? C : never

const personText = (one: Commit['author']): string => `${one.name} <${one.email}> ${one.seconds} ${one.zone}`
const headers = ({ tree, parents, author, committer }: Commit): readonly string[] => [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${personText(author)}`, `committer ${personText(committer)}`]
const textOf = (one: Commit, lines = headers(one)): Buffer => Buffer.from(`${lines.join('\n')}\n\n${one.message}`)

describe('a commit', () => {
  test('in its plainest form is read whole, whatever its names and message are', () => {
    fc.assert(
      fc.property(commit, (one) => {
        const [author, committer] = [one.author, one.committer].map((by) => ({ name: by.name, email: by.email, at: new Date(by.seconds * 1_000).toISOString() }))
        expect(parseCommit(textOf(one))).toEqual({ tree: one.tree, parents: one.parents, author, committer, message: one.message })
      }),
    )
  })

  test('with any other header, and in any other order, is not taken', () => {
    fc.assert(
      fc.property(commit, fc.constantFrom('encoding latin1', 'gpgsig -----BEGIN', 'mergetag object 1', 'HG:extra x', ' folded', 'author a <b> 1 +0000', 'parent'), fc.nat(), (one, header, place) => {
        const lines = headers(one)
        expect(parseCommit(textOf(one, lines.toSpliced(place % (lines.length + 1), 0, header)))).toBeTypeOf('string')
        expect(parseCommit(textOf(one, lines.toReversed()))).toBeTypeOf('string')
      }),
    )
  })

  test.each([
    ['a NUL', 'a\0b', 'NUL'],
    ['a trailer of ours', 'x\n\nSignalbox-Run: R0001\n', 'trailer'],
    ['the same in other letters', 'x\n\nsignalbox-approved-by: ada\n', 'trailer'],
    ['one with blanks before the colon, as git takes it', 'x\n\nSignalbox-Run \t: R0001\n', 'trailer'],
  ])('with %s in its message is not taken', (_what, text, says) => {
    fc.assert(
      fc.property(commit, (one) => {
        expect(parseCommit(textOf({ ...one, message: text }))).toContain(says)
      }),
      { numRuns: 5 },
    )
  })

  test('dated beyond every calendar, or not in UTF-8, is not taken', () => {
    const [one] = fc.sample(commit, 1)
    if (one === undefined) throw new TypeError('there is a sample')
    expect(parseCommit(textOf({ ...one, author: { ...one.author, seconds: 253_402_300_800 } }))).toBeTypeOf('string')
    expect(parseCommit(Buffer.concat([textOf(one), Buffer.from([0xff])]))).toContain('UTF-8')
  })

  test('of any bytes is read or not, and never breaks the reading', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['string', 'object']).toContain(typeof parseCommit(Buffer.from(bytes)))
      }),
    )
  })

  test('has the first line with text in it as its subject', () => {
    expect(['\n\n  a b \nc', '', 'x'].map(subjectOf)).toEqual(['a b', '', 'x'])
  })
})
