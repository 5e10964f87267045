import type { RunSummary } from '@signalbox/core'
import { expect, test } from 'vitest'
import { repoNameOf, runIdOf, taskIdOf } from '../words/ids.ts'
import { candidateOf, findNextStep } from './next-step.ts'

const id = taskIdOf('T0001') ?? expect.unreachable()
const repos = [repoNameOf('api') ?? expect.unreachable()]
const task = { waitsFor: [], id, status: 'ready', repos } as const

function run(name: string, more: Partial<RunSummary> = {}): RunSummary {
  return { id: runIdOf(name) ?? expect.unreachable(), task: id, agent: 'demo', state: 'ended', outcome: 'completed', because: 'it exited 0', queuedAt: '', endedAt: null, waitsFor: null, snapshot: null, merge: 'none', reviewable: false, ...more }
}

function sealed(name: string): RunSummary {
  return run(name, JSON.parse(`{"snapshot":"${name}.s1"}`))
}

test('a ready task wants a run, and a repo first where it has none', () => {
  expect(findNextStep(task, [], undefined)).toMatchObject({ act: { kind: 'start_run' }, twin: 'run T0001 --agent demo' })
  expect(findNextStep({ ...task, waitsFor: ['T0005'] }, [], undefined)).toMatchObject({ sentence: expect.stringContaining('waits for T0005'), act: { kind: 'start_run' } })
  expect(findNextStep({ ...task, repos: [] }, [], undefined)).toMatchObject({ act: { kind: 'edit' } })
  expect(findNextStep({ ...task, status: 'draft' }, [], undefined)).toMatchObject({ act: { kind: 'make_ready' }, twin: 'task edit T0001 --status ready' })
})

test('a run at work is watched, whatever else there is', () => {
  expect(findNextStep(task, [sealed('R0001'), run('R0002', { state: 'running', outcome: null })], undefined)).toMatchObject({ act: { href: '/runs/R0002' }, twin: 'log R0002 -f' })
})

test.each([
  ['approvable', 'merge R0001 --approve'],
  ['approved', 'merge R0001'],
  ['blocked', 'gate R0001'],
  ['stuck', 'doctor'],
  ['merged', 'undo R0001'],
] as const)('work that is %s leads to its review', (state, twin) => {
  const step = findNextStep({ ...task, status: 'review' }, [sealed('R0001')], { state, because: '', exits: [], repos: [], reverts: [] })
  expect(step).toMatchObject({ act: { kind: 'go', href: '/runs/R0001/review' }, twin })
})

test('the run that landed is the one in question, else the last with something to review, else the last sealed one', () => {
  expect(candidateOf([sealed('R0001'), run('R0002')])?.id).toBe('R0001')
  expect(candidateOf([run('R0001', { merge: 'merged' }), sealed('R0002')])?.id).toBe('R0001')
  expect(candidateOf([{ ...sealed('R0001'), reviewable: true }, sealed('R0002')])?.id).toBe('R0001')
  expect(candidateOf([run('R0001')])).toBeUndefined()
})

test('nobody is told to start another run while it is not known how the last one stands', () => {
  const step = findNextStep({ ...task, status: 'review' }, [sealed('R0001')], undefined)
  expect(step).toMatchObject({ act: { kind: 'go', href: '/runs/R0001/review' }, twin: 'gate R0001' })
})
