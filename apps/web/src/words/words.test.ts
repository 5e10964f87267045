import { expect, test } from 'vitest'
import { ago, duration, size } from './amounts.ts'
import { pathOf, repoNameOf, runIdOf, taskIdOf } from './ids.ts'
import { latestReceipts, receiptStanding } from './receipts.ts'
import { remedyOf } from './remedy.ts'
import { quote } from './shell-quote.ts'
import { branchIn } from './targets.ts'
import { visible } from './untrusted.ts'

test.each([
  ['See why: prog show R0001', 'See why', 'prog show R0001'],
  ['Run `prog doctor` to check', 'Run prog doctor to check', 'prog doctor'],
  ['List them with `prog task list`', 'List them with', 'prog task list'],
  ['prog cancel R0001', 'Run', 'prog cancel R0001'],
  ['Correct it: then try again', 'Correct it: then try again', undefined],
])('the hint %j names the command %3$j', (hint, sentence, command) => {
  expect(remedyOf(hint, 'prog')).toEqual({ sentence, command })
})

test('ids lead to their pages, and nothing else leads anywhere', () => {
  expect(['T0147', 'R0001', 'E012', 'N0088', 'T0001/../x', 'javascript:x', 'X0001'].map(pathOf)).toEqual(['/tasks/T0147', '/runs/R0001', '/efforts/E012', '/notes/N0088', undefined, undefined, undefined])
  expect([taskIdOf('R0001'), runIdOf('R1'), repoNameOf('constructor'), repoNameOf('API')]).toEqual([undefined, undefined, undefined, undefined])
})

test('what hides or reorders is spelt out; tabs and newlines stay', () => {
  expect(visible('a\u202eb\u200bc\td\n')).toBe('a\\u202eb\\u200bc\td\n')
})

test('a word survives a shell', () => {
  expect(["plain/word.ts", "it's", '$(rm -rf x)', ''].map(quote)).toEqual(['plain/word.ts', String.raw`'it'\''s'`, "'$(rm -rf x)'", "''"])
})

test('amounts read as people say them', () => {
  expect([duration(24), duration(1_230), duration(200_000)]).toEqual(['24 ms', '1.2 s', '3 min 20 s'])
  expect(size({ files: 1, insertions: 2, deletions: 0 })).toBe('1 file +2')
  expect(ago('2026-11-22T10:00:00Z', Date.parse('2026-11-22T10:05:00Z'))).toBe('5 min ago')
})

test('a check counts by its last receipt, and a voided one is not green', () => {
  expect(receiptStanding({ exitCode: 0, voided: 'it changed the tree' }).tone).toBe('warn')
  expect(latestReceipts([])).toEqual([])
})

test('a branch map is read by its own keys', () => {
  expect(branchIn({ baseBranch: null }, 'constructor')).toBeUndefined()
})
