import * as fc from 'fast-check'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { parseMarkdownFile } from './front-matter.ts'
import { spliceKeys } from './splice.ts'
import type { Parsed } from './yaml-block.ts'
import { plainOf } from './yaml-plain.ts'
import { printEntry, printInline, type YamlValue } from './yaml-print.ts'

function valueOf<T>(parsed: Parsed<T>): T {
  if (parsed.kind === 'problem') throw new Error(`${parsed.problem.line}: ${parsed.problem.reason}`)
  return parsed.value
}

function edit(text: string, changes: Record<string, YamlValue | undefined>): string {
  return valueOf(spliceKeys(valueOf(parseMarkdownFile(Buffer.from(text))).block, new Map(Object.entries(changes)))).text
}

function keys(text: string): Record<string, unknown> {
  return plainOf(valueOf(parseMarkdownFile(Buffer.from(text))).block.map ?? {}) as Record<string, unknown>
}

describe('an edit of one key keeps', () => {
  const table: [rule: string, before: string, changes: Record<string, YamlValue | undefined>, after: string][] = [
    ['the comment and the columns behind the value', 'status: ready            # draft | ready\n', { status: 'active' }, 'status: active            # draft | ready\n'],
    ['the spaces before the value', 'status:   ready\n', { status: 'active' }, 'status:   active\n'],
    ['double quotes', 'title: "a"\n', { title: 'b: c' }, 'title: "b: c"\n'],
    ['single quotes', "title: 'a'\n", { title: "it's" }, "title: 'it''s'\n"],
    ['a comment behind a missing value', 'effort: # none yet\ntitle: a\n', { effort: 'E012' }, 'effort: E012 # none yet\ntitle: a\n'],
    ['list items that stay, with their comments', 'labels:\n  - a # first\n  # about b\n  - b\n  - c\nx: 1\n', { labels: ['a', 'b', 'd'] }, 'labels:\n  - a # first\n  # about b\n  - b\n  - d\nx: 1\n'],
    ['the indent of a list', 'labels:\n- a\n', { labels: ['a', 'no'] }, 'labels:\n- a\n- "no"\n'],
    ['keys of a nested map that stay', 'base_branch:\n  server: main # stable\n  ui: release/2\n', { base_branch: { server: 'main', ui: 'release/3', docs: 'main' } }, 'base_branch:\n  server: main # stable\n  ui: release/3\n  docs: main\n'],
    ['comments inside a list that becomes one line', 'labels: # why\n  - a # first\n  # last\nx: 1\n', { labels: [] }, 'labels: [] # why\n# first\n  # last\nx: 1\n'],
    ['a tag', 'title: !!str 0147\n', { title: '0148' }, 'title: !!str "0148"\n'],
    ['comments before the closing fence when a key is added', 'title: a\n# the end\n', { effort: 'E001' }, 'title: a\n# the end\neffort: E001\n'],
    ['the indent of all keys when one is added', '  title: a\n', { effort: 'E001' }, '  title: a\n  effort: E001\n'],
    ['comment lines around a removed key', '# one\ntitle: a # two\n# three\nx: 1\n', { title: undefined }, '# one\n# three\nx: 1\n'],
    ['what follows a removed block text', 'x: |\n  a\n\n  b\n# c\ny: 1\n', { x: undefined }, '# c\ny: 1\n'],
    ['no spaces behind a value that becomes a block text', 'x:   a   \ny: 1\n', { x: 'a\n\nb\n' }, 'x:   |\n  a\n\n  b\ny: 1\n'],
    ['the place of a block text', 'x: |\n  a\n  b\ny: 1\n', { x: 'c' }, 'x: c\ny: 1\n'],
    ['several keys apart when several change', 'a: 1\nb: 2\nc: 3\n', { a: 'u', b: undefined, c: 'v', d: 'w' }, 'a: u\nc: v\nd: w\n'],
  ]
  test.each(table)('%s', (_, before, changes, after) => {
    for (const newline of ['\n', '\r\n']) {
      const wrap = (yaml: string) => `\uFEFF---\n${yaml}---\nBody\n---\nend`.replaceAll('\n', newline)
      expect(edit(wrap(before), changes)).toBe(wrap(after))
    }
  })
})

test('adding to an empty front matter writes the key in the style of the line ends', () => {
  expect(edit('---\r\n---\r\nbody', { title: 'a' })).toBe('---\r\ntitle: a\n---\r\nbody'.replace('a\n', 'a\n'))
})

const hostile = ['0147', '1.10', '1e3', '12345678e9', 'no', 'null', '~', 'y', 'on', '1_000', '12:30:00', '0x1F', '0o17', '.inf', '.5', '<<', '=', '2026-11-22', '2026-11-22T10:00:00Z', '1'.repeat(40), 'a: b', 'a #b', '- a', '? a', '[a', '{a', '*a', '&a', '!a', '%a', '@a', '`a', '"a"', "'a'", ' a', 'a ', 'a:', '', 'a\tb', 'a\nb', 'a\n\nb\n', '\u0085', '\u2028', '\uFEFFa', '---', '...', 'a,b', 'x]', 'C:\\x', 'ä', '日本', '😀', 'a\u0000b', 'true', 'Off', 'e3', '1e', '+1', '-1', '1.', '0b1', '1/2']

test('text that YAML would type or misread is quoted so that versions 1.1 and 1.2 read it back', () => {
  for (const text of hostile) {
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(`k: ${printInline(text)}\n`, { version })).toEqual({ k: text })
      expect(parse(`${printEntry('k', text, '  ')}\n`, { version })).toEqual({ k: text })
      expect(parse(`k: ${printInline([text, { [text]: text }])}\n`, { version, uniqueKeys: false })).toEqual({ k: [text, { [text]: text }] })
    }
  }
})

test('plain words, branches and sentences stay without quotes', () => {
  for (const text of ['main', 'release/2', 'Add durable base branch (again), please', "it's", 'T0147', 'E012', 'a-b_c', 'Größe ändern', '3 things']) {
    expect(printInline(text)).toBe(text)
  }
})

const word = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 12 }), fc.stringMatching(/^[a-z][a-z0-9 /-]{0,12}[a-z]$/))
const newValue: fc.Arbitrary<YamlValue> = fc.oneof(word, fc.array(word, { maxLength: 4 }), fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/), fc.oneof(word, fc.array(word, { maxLength: 3 })), { maxKeys: 3 }), fc.array(fc.record({ repo: word, files: fc.array(word, { maxLength: 2 }) }), { maxLength: 2 }))

/** What stands between a key and the next: the author's own style. */
const written = fc.oneof(
  fc.constantFrom(' plain', ' plain # why', ' "double # no" # why', " 'single'", ' [a, b] # list', ' [a, # inside\n  b]', ' {a: b, c: [d]}', '', ' # empty', '   wide   ', '\n  later', ' two\n  lines', ' |\n  block\n\n  text', ' >- # folded\n  block\n  text', '\n  - a # one\n  # between\n  - b', ' # head\n- a\n- b', '\n  a: 1\n  # nested\n  b: [x, y]', '\n  a:\n    - deep # c\n  b: c', ' !!str 12', ' &anchor x', '\n  # first\n  - repo: x\n    files: [a]\n  - repo: y', ' 0147', ' "multi\n  line"'),
  word.map((text) => ` ${printInline(text)}`),
)
const between = fc.constantFrom('', '', '', '# a comment\n', '\n', '#\n\n# two\n', '  # indented\n'.replace('  ', ''))
const documents = fc.record({
  entries: fc.array(fc.tuple(between, written), { minLength: 1, maxLength: 7 }),
  tail: between,
  crlf: fc.boolean(),
  bom: fc.boolean(),
  body: fc.constantFrom('', '\n', 'Body', 'Body\n\n---\nkey0: no\n', '\r\nmixed\n'),
  target: fc.nat(9),
  value: fc.option(newValue, { nil: undefined }),
})

test('editing one key changes only the bytes of that key, and every other value reads as before', () => {
  fc.assert(
    fc.property(documents, ({ entries, tail, crlf, bom, body, target, value }) => {
      const ends = (text: string) => (crlf ? text.replaceAll('\n', '\r\n') : text)
      const chunks = entries.map(([before, style], at) => ({ before: ends(before), own: ends(`key${at}:${style}\n`) }))
      const open = `${bom ? '\uFEFF' : ''}${ends('---\n')}`
      const close = `${ends(tail)}${ends('---\n')}${body}`
      const text = open + chunks.map(({ before, own }) => before + own).join('') + close
      const key = `key${target}`
      const after = edit(text, { [key]: value })
      const chunk = chunks[target]
      const head = open + chunks.slice(0, target).map(({ before, own }) => before + own).join('') + (chunk?.before ?? ends(tail))
      const rest = chunk === undefined ? ends('---\n') + body : chunks.slice(target + 1).map(({ before, own }) => before + own).join('') + close
      expect(after.startsWith(head)).toBe(true)
      expect(after.endsWith(rest)).toBe(true)
      const expected: Record<string, unknown> = { ...keys(text), [key]: plainOf(value) }
      if (value === undefined) delete expected[key]
      else if (chunk !== undefined && JSON.stringify(keys(text)[key]) === JSON.stringify(plainOf(value))) expect(after).toBe(text)
      expect(keys(after)).toEqual(expected)
      const middle = after.slice(head.length, after.length - rest.length)
      const comment = /# (?:why|list|empty|head|folded)/.exec(chunk?.own ?? '')?.[0]
      if (comment !== undefined && value !== undefined) expect(middle).toContain(comment)
    }),
    { numRuns: Number(process.env['SPLICE_RUNS'] ?? 2000) },
  )
})
