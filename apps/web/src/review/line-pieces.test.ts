import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findHidden, spell } from './hidden-characters.ts'
import { MOST_CHARACTERS, piecesOf } from './line-pieces.ts'
import { markWords } from './word-marks.ts'

describe('marks', () => {
  const cut = (text: string, marks: readonly number[]): readonly string[] => marks.flatMap((place, at) => (at % 2 === 0 ? [text.slice(place, marks[at + 1])] : []))

  test.each([
    ['const total = price * count', 'const total = price * amount', ['count'], ['amount']],
    ['  return sum', '  return sum + 1', [], [' + 1']],
    ['f(a, b)', 'f(b)', ['a, '], []],
    ['same', 'same', undefined, undefined],
    ['nothing alike here', '}', undefined, undefined],
    ['    }', '    entirely()', undefined, undefined],
  ])('%j and %j differ in %j and %j', (oldText, newText, old, fresh) => {
    const marks = markWords(oldText, newText)
    expect([marks && cut(oldText, marks.old), marks && cut(newText, marks.new)]).toEqual([old, fresh])
  })

  test('what is not marked is the same on both sides', () => {
    const words = fc.array(fc.constantFrom('a', 'b', ' ', '(', 'word', 'é', '😀'), { maxLength: 30 }).map((parts) => parts.join(''))
    const rest = (text: string, marks: readonly number[]): string => [...cut(text, [0, ...marks, text.length])].join('')
    fc.assert(
      fc.property(words, words, (oldText, newText) => {
        const marks = markWords(oldText, newText)
        if (marks !== undefined) expect(rest(oldText, marks.old)).toBe(rest(newText, marks.new))
      }),
    )
  })

  test('very long lines are marked without comparing all words with all', () => {
    const line = (word: string): string => Array.from({ length: 20_000 }, (_, at) => `${word}${at}`).join(' ')
    const start = performance.now()
    markWords(line('a'), line('b'))
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('pieces', () => {
  const show = (line: string, marks: readonly number[] = []): readonly string[] => piecesOf(line, marks).map(({ start, text, marked, spelt }) => `${start} ${text}${marked ? '|m' : ''}${spelt ? '|s' : ''}`)

  test('marks cut a line where they begin and end', () => {
    expect(show('let x = 1', [4, 9])).toEqual(['0 let ', '4 x = 1|m'])
    expect(show('let x = 1', [0, 3, 8, 9])).toEqual(['0 let|m', '3  x = ', '8 1|m'])
  })

  test('characters that would hide or reorder text are spelt out', () => {
    expect(show('a\u202eb\r')).toEqual(['0 a', String.raw`1 \u202e|s`, '2 b', String.raw`3 \r|s`])
    expect(show('a\u{e0041}b', [0, 2])).toEqual(['0 a|m', String.raw`1 \u{e0041}|m|s`, '3 b'])
    expect(show('x'.repeat(MOST_CHARACTERS - 1) + '\u{e0041}').at(-1)).toBe(String.raw`1999 \u{e0041}|s`)
  })

  const letters = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom('\u202e', '\u{e0041}', '😀'))
  const lines = fc.string({ unit: letters }).map((text) => text.replaceAll('\n', ''))

  test('each begins where the one before ended, and what is not spelt is the line itself', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(20), { maxLength: 6 }), (line, places) => {
        const marks = places.slice(0, places.length & ~1).toSorted((a, b) => a - b)
        const pieces = piecesOf(line, marks)
        for (const { start, text, spelt } of pieces) expect(spelt ? spell(line.slice(start).match(/./su)?.[0] ?? '') : line.slice(start, start + text.length)).toBe(text)
        expect(pieces.map(({ text }) => text).join('')).toBe(piecesOf(line, []).map(({ text }) => text).join(''))
      }),
    )
  })

  test('of a very long line only the beginning is shown', () => {
    expect(piecesOf('x'.repeat(1e6), []).map(({ text }) => text.length)).toEqual([MOST_CHARACTERS])
  })
})

test('hidden characters are found wherever they are, ordinary ends of lines are not', () => {
  expect(findHidden('+dos\r\n+tab\tok\n+evil\u202e\n+mac\r+\u200b\n')).toEqual(['+dos\r\n+tab\tok\n+evil'.length, '+dos\r\n+tab\tok\n+evil\u202e\n+mac'.length, '+dos\r\n+tab\tok\n+evil\u202e\n+mac\r+'.length])
})
