import type { RunSummary, TaskView } from '@signalbox/core'
import { expect, test } from 'vitest'
import { runIdOf, taskIdOf } from '../words/ids.ts'
import { groupBoard, sectionIds } from './group-board.ts'
import { keepSame } from './keep-same.ts'

function task(id: string, more: Partial<TaskView> = {}): TaskView {
  const blank = { title: `Title of ${id}`, status: 'ready', baseBranch: null, repos: [], dependsOn: [], priority: 3, labels: [], links: [], aliases: [], path: `tasks/${id}.md`, hash: 'h', body: '' } as const
  return { ...blank, repos: [], dependsOn: [], labels: [], links: [], aliases: [], id: taskIdOf(id) ?? expect.unreachable(), ...more }
}

function run(id: string, of: string, more: Partial<RunSummary> = {}): RunSummary {
  return { id: runIdOf(id) ?? expect.unreachable(), task: taskIdOf(of) ?? expect.unreachable(), agent: 'demo', state: 'ended', outcome: 'completed', because: 'it exited 0', queuedAt: '2026-11-22T10:00:00Z', endedAt: null, waitsFor: null, snapshot: null, merge: 'none', reviewable: false, ...more }
}

function whereIs(tasks: readonly TaskView[], runs: readonly RunSummary[]): Record<string, string> {
  const board = groupBoard({ tasks, runs, quarantined: [] })
  return Object.fromEntries(sectionIds.flatMap((section) => board[section].map(({ id }) => [id, section])))
}

test('every task is in exactly one section', () => {
  const statuses = ['draft', 'ready', 'active', 'review', 'blocked', 'done', 'dropped'] as const
  const tasks = statuses.map((status, at) => task(`T000${at}`, { status }))
  expect(whereIs(tasks, [])).toEqual({ T0000: 'draft', T0001: 'ready', T0002: 'running', T0003: 'needs_you', T0004: 'needs_you', T0005: 'done', T0006: 'done' })
})

test('a task whose run is at work is running, whatever its file says', () => {
  expect(whereIs([task('T0001', { status: 'review' })], [run('R0001', 'T0001', { state: 'running', outcome: null })])).toEqual({ T0001: 'running' })
})

test('a run that waits for an answer needs you', () => {
  expect(whereIs([task('T0001', { status: 'active' })], [run('R0001', 'T0001', { state: 'waiting', waitsFor: 'permission', outcome: null })])).toEqual({ T0001: 'needs_you' })
})

test('a landing that stopped half-way needs you, even of a done task', () => {
  expect(whereIs([task('T0001', { status: 'done' })], [run('R0001', 'T0001', { merge: 'stuck' })])).toEqual({ T0001: 'needs_you' })
})

test('a failed last run needs you; a failed earlier one does not', () => {
  const failed = run('R0001', 'T0001', { outcome: 'failed' })
  expect(whereIs([task('T0001')], [failed])).toEqual({ T0001: 'needs_you' })
  expect(whereIs([task('T0001')], [failed, run('R0002', 'T0001', { outcome: 'cancelled' })])).toEqual({ T0001: 'ready' })
})

test('what waits for review is the latest run that has something to review, else the latest that is sealed', () => {
  const sealed = (id: 'R0001' | 'R0002' | 'R0003', reviewable: boolean): RunSummary => run(id, 'T0001', { ...JSON.parse(`{"snapshot":"${id}.s1"}`), reviewable })
  const named = (...runs: readonly RunSummary[]) => groupBoard({ tasks: [task('T0001', { status: 'review' })], runs, quarantined: [] }).needs_you.map(({ why, review, step }) => [why, review, step?.href])
  expect(named(sealed('R0001', true), sealed('R0002', true), sealed('R0003', false))).toEqual([['R0002.s1 waits for your review', 'R0002', '/runs/R0002/review']])
  expect(named(sealed('R0001', false), sealed('R0002', false))).toEqual([['R0002.s1 waits for your review', 'R0002', '/runs/R0002/review']])
})

test('a file that could not be read comes first', () => {
  const board = groupBoard({ tasks: [task('T0001', { status: 'review', priority: 1 })], runs: [], quarantined: [{ path: 'tasks/x.md', line: 3, reason: 'bad YAML' }] })
  expect(board.needs_you.map(({ id }) => id)).toEqual(['tasks/x.md:3', 'T0001'])
})

test('ready tasks are ordered by priority, and say what they wait for', () => {
  const board = groupBoard({ tasks: [task('T0001', { dependsOn: [taskIdOf('T0002') ?? expect.unreachable()] }), task('T0002', { priority: 1 })], runs: [], quarantined: [] })
  expect(board.ready.map(({ id, why }) => [id, why])).toEqual([['T0002', 'Names no repo yet'], ['T0001', 'Waits for T0002']])
})

test('a title cannot pose as another by hidden characters', () => {
  expect(groupBoard({ tasks: [task('T0001', { title: 'a\u202eb' })], runs: [], quarantined: [] }).ready[0]?.title).toBe(String.raw`a\u202eb`)
})

test('a line that says the same stays the same object', () => {
  const before = [{ id: 'a', at: 1 }, { id: 'b', at: 1 }]
  const after = keepSame(before, [{ id: 'b', at: 1 }, { id: 'a', at: 2 }])
  expect(after[0]).toBe(before[1])
  expect(after[1]).toEqual({ id: 'a', at: 2 })
})
