import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeLines, splitLines, type LineRange } from './place-lines.ts'

/** Few words, so that equal lines are common. */
const line = fc.constantFrom('{', '}', '', 'a', 'b', 'return')
const text = fc.array(line, { minLength: 1, maxLength: 20 })
const withRange = (lines: fc.Arbitrary<string[]>): fc.Arbitrary<{ readonly before: string[]; readonly range: LineRange }> =>
  lines.chain((before) => fc.tuple(fc.nat(before.length - 1), fc.nat(before.length - 1)).map(([one, other]) => ({ before, range: { from: Math.min(one, other) + 1, to: Math.max(one, other) + 1 } })))
const cut = (lines: readonly string[], { from, to }: LineRange): readonly string[] => lines.slice(from - 1, to)

describe('placeLines', () => {
  it('stays where nothing changed', () => {
    fc.assert(
      fc.property(withRange(text), ({ before, range }) => {
        expect(placeLines(before, range, before)).toEqual(range)
      }),
    )
  })

  it('finds only what reads the same', () => {
    fc.assert(
      fc.property(withRange(text), text, ({ before, range }, after) => {
        const place = placeLines(before, range, after)
        if (place !== undefined) expect(cut(after, place)).toEqual(cut(before, range))
      }),
    )
  })

  it('follows lines of which there is one, whatever is put around them, and knows when one of them goes', () => {
    const unique = fc.uniqueArray(fc.string({ minLength: 3 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(withRange(unique), text, text, ({ before, range }, above, below) => {
        const lines = cut(before, range)
        expect(placeLines(before, range, [...above, ...lines, ...below])).toEqual({ from: above.length + 1, to: above.length + lines.length })
        expect(placeLines(before, range, [...above, ...lines.slice(1), ...below])).toBeUndefined()
      }),
    )
  })

  it('moves by exactly what is put above the neighbours', () => {
    fc.assert(
      fc.property(withRange(text), fc.array(fc.constantFrom('new', 'newer'), { maxLength: 5 }), ({ before, range }, above) => {
        expect(placeLines(before, range, [...above, ...before])).toEqual({ from: range.from + above.length, to: range.to + above.length })
      }),
    )
  })

  it.each<[string, string, LineRange, string, LineRange | undefined]>([
    ['between its neighbours, not where it was', 'f {|}|g {|}', { from: 4, to: 4 }, 'f {|}|h {|}|g {|}', { from: 6, to: 6 }],
    ['where one neighbour is the same and it is nearer, not at the end because it was last', 'k|x|}', { from: 3, to: 3 }, 'm|x|}|y|}', { from: 3, to: 3 }],
    ['the nearest of equal places', 'a|b', { from: 1, to: 1 }, 'x|a|y|a|z', { from: 2, to: 2 }],
    ['nowhere, rather than beside strangers', '}|a|}', { from: 1, to: 1 }, 'x|}|y', undefined],
    ['nowhere in nothing', 'a', { from: 1, to: 1 }, '', undefined],
  ])('is %s', (_rule, before, range, after, place) => {
    expect(placeLines(before.split('|'), range, after === '' ? [] : after.split('|'))).toEqual(place)
  })
})

it('a text has the lines that an editor counts', () => {
  expect(['', 'a', 'a\n', 'a\n\n', '\n', 'a\r\nb'].map(splitLines)).toEqual([[], ['a'], ['a'], ['a', ''], [''], ['a\r', 'b']])
})
