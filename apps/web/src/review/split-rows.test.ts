import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexPatch, textOf, type PatchIndex } from './patch-index.ts'
import { kind } from './patch-kind.ts'
import { partnerOf, splitRows } from './split-rows.ts'

/** A file whose hunk has these lines, each with its sign; `\` is a mark. */
function patchOf(body: readonly string[]): PatchIndex {
  const count = (signs: string): number => body.filter((line) => signs.includes(line.charAt(0))).length
  return indexPatch(`diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,${count(' -')} +1,${count(' +')} @@\n${body.map((line) => `${line}\n`).join('')}`)
}

function rowsOf(index: PatchIndex): readonly (readonly [string, string])[] {
  const { left, right } = splitRows(index)
  const show = (line: number): string => (line < 0 ? '' : `${'h@ +-\\'[index.kinds[line] ?? 0]}${textOf(index, line)}`)
  return Array.from(left, (line, row) => [show(line), show(right[row] ?? -1)] as const).slice(1)
}

test('removed lines stand beside the added ones of the same run', () => {
  expect(rowsOf(patchOf([' a', '-b', '-c', '+d', ' e', '+f', '-g']))).toEqual([
    [' a', ' a'],
    ['-b', '+d'],
    ['-c', ''],
    [' e', ' e'],
    ['', '+f'],
    ['-g', ''],
  ])
})

test('a missing newline is said on the side where it is missing', () => {
  expect(rowsOf(patchOf(['-a', '\\ No newline', '+b', '\\ No newline']))).toEqual([
    ['-a', '+b'],
    ['\\ No newline', '\\ No newline'],
  ])
  expect(rowsOf(patchOf([' a', '\\ No newline']))).toEqual([
    [' a', ' a'],
    ['\\ No newline', '\\ No newline'],
  ])
})

describe('for any hunk', () => {
  const body = fc.array(fc.constantFrom(' c', '+a', '-r', '-s', '+b'), { minLength: 1, maxLength: 80 })

  test('each side shows each of its lines once, in order, and no row shows kinds that do not belong together', () => {
    fc.assert(
      fc.property(body, (lines) => {
        const index = patchOf(lines)
        const { left, right } = splitRows(index)
        const all = Array.from({ length: index.lines }, (_, line) => line).filter((line) => index.kinds[line] !== kind.header)
        expect([...left].filter((line) => line >= 0)).toEqual(all.filter((line) => index.kinds[line] !== kind.added))
        expect([...right].filter((line) => line >= 0)).toEqual(all.filter((line) => index.kinds[line] !== kind.removed))
        left.forEach((line, row) => {
          if (index.kinds[line] === kind.context) expect(right[row]).toBe(line)
        })
      }),
    )
  })

  test('partners are those of the rows, both ways', () => {
    fc.assert(
      fc.property(body, (lines) => {
        const index = patchOf(lines)
        const { left, right } = splitRows(index)
        left.forEach((line, row) => {
          const beside = right[row] ?? -1
          if (line >= 0 && beside >= 0 && line !== beside) expect([partnerOf(index, line), partnerOf(index, beside)]).toEqual([beside, line])
          else if (line >= 0) expect(partnerOf(index, line)).toBe(-1)
        })
      }),
    )
  })
})

test('a run too long to be read side by side has no partners', () => {
  const index = patchOf(Array.from({ length: 2_000 }, (_, at) => (at < 1_000 ? '-r' : '+a')))
  expect(partnerOf(index, index.lines - 1)).toBe(-1)
})
