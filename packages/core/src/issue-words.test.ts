import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { codeOf, messageOf } from './errors.ts'
import { parseInput } from './parse-input.ts'

function refusalOf(schema: z.ZodType, value: unknown): string {
  try {
    parseInput(schema, value)
  } catch (error) {
    expect(codeOf(error)).toBe('input.invalid')
    return messageOf(error)
  }
  return expect.unreachable('the value fits')
}

describe('a value that does not fit', () => {
  it.each<readonly [words: string, schema: z.ZodType, value: unknown]>([
    ['must have at most 300 characters', z.string().max(300), 'x'.repeat(301)],
    ['must have at least 1 character', z.string().min(1), ''],
    ['must have exactly 3 characters', z.string().length(3), 'x'],
    ['must have at most 2 items', z.array(z.string()).max(2), ['a', 'b', 'c']],
    ['must have at least 1 item', z.array(z.string()).min(1), []],
    ['must be at most 5', z.number().max(5), 6],
    ['must be less than 5', z.number().lt(5), 5],
    ['must be more than 0', z.number().positive(), 0],
    ['must be a whole number', z.int(), 1.5],
    ['must be a number', z.number(), Number.NaN],
    ['must be text', z.string(), 1],
    ['must be true or false', z.boolean(), 'no'],
    ['must be a list', z.array(z.string()), 'x'],
    ['is missing', z.string(), undefined],
    ['must be one of draft, ready', z.enum(['draft', 'ready']), 'x'],
    ['must be run', z.literal('run'), 'x'],
    ['must be a multiple of 2', z.number().multipleOf(2), 3],
    ['does not have the form that is needed', z.string().regex(/x/), 'y'],
    ['is not a valid URL', z.url(), 'y'],
    ['must be text', z.union([z.string(), z.number()]), true],
    ['a title is one line', z.string().max(1, 'a title is one line'), 'xx'],
  ])('%s, behind the name of its field', (words, schema, value) => {
    expect(refusalOf(z.object({ field: schema }), { field: value })).toBe(`field: ${words}`)
  })

  it('is told of its keys, and of what is unknown, in our words', () => {
    expect(refusalOf(z.record(z.string().max(1), z.number()), { aa: 1 })).toBe('aa: must have at most 1 character')
    expect(refusalOf(z.strictObject({ a: z.string() }), { a: 'a', b: 1, c: 2 })).toBe('Unknown keys b, c')
  })

  it('as a whole is told in a sentence with a capital letter', () => {
    expect(refusalOf(z.object({}).refine(() => false, 'say something'), {})).toBe('Say something')
  })
})
