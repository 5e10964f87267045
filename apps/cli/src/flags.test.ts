import { codeOf } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import { baseBranchOf, checksOf, numberOf, scopeOf } from './flags.ts'
import { handoffIdOf, recordIdOf, repoNameOf, roundOf, runIdOf, snapshotOf, taskIdOf } from './ids.ts'

/** Returns the code and the sentence of what `work` throws. */
function refusal(work: () => unknown): unknown {
  try {
    return { accepted: work() }
  } catch (error) {
    return { code: codeOf(error), message: error instanceof Error ? error.message : error }
  }
}

describe('flags', () => {
  test('a scope is the globs of each repo, and a glob may hold a colon', () => {
    expect(scopeOf(['api:src/**', 'web:a:b', 'api:test/**'])).toEqual({ api: ['src/**', 'test/**'], web: ['a:b'] })
  })
  test('a check is a name and a command that may hold an equals sign', () => {
    expect(checksOf(['test=A=1 npm test', 'lint=oxlint'])).toEqual({ test: 'A=1 npm test', lint: 'oxlint' })
  })
  test.each([
    [['main'], 'main'],
    [['release/2'], 'release/2'],
    [['feature/a=b'], 'feature/a=b'],
    [['api=main'], { api: 'main' }],
    [['api=main', 'web=release/2'], { api: 'main', web: 'release/2' }],
  ])('the base branch %j is %j', (flags, expected) => {
    expect(baseBranchOf(flags)).toEqual(expected)
  })
  test.each([
    ['a scope without a repo', () => scopeOf(['src/**'])],
    ['a scope without a glob', () => scopeOf(['api:'])],
    ['a check without a command', () => checksOf(['test'])],
    ['a check twice', () => checksOf(['test=a', 'test=b'])],
    ['two branches for all', () => baseBranchOf(['main', 'dev'])],
    ['a number in words', () => numberOf('--budget', 'many')],
    ['an empty number', () => numberOf('--budget', ' ')],
    ['nothing at all', () => numberOf('--budget', '0')],
    ['a number without end', () => numberOf('--budget', 'Infinity')],
  ])('refuses %s', (_what, work) => {
    expect(refusal(work)).toMatchObject({ code: 'input.invalid' })
  })
})

describe('ids', () => {
  test.each([
    ['a task in lower case', () => taskIdOf('t0147'), 'T0147'],
    ['a task of five digits', () => taskIdOf('T10000'), 'T10000'],
    ['a run', () => runIdOf('r0031'), 'R0031'],
    ['a handoff', () => handoffIdOf('h0061'), 'H0061'],
    ['an effort', () => recordIdOf('effort', 'e012'), 'E012'],
    ['a repo', () => repoNameOf('api'), 'api'],
    ['a run without a round', () => snapshotOf('r0031'), { run: 'R0031', round: undefined }],
    ['a snapshot', () => snapshotOf('R0031.S3'), { run: 'R0031', round: 3 }],
    ['a round by number', () => roundOf(runIdOf('R0031'), '2'), 2],
    ['a round by short name', () => roundOf(runIdOf('R0031'), 's2'), 2],
    ['a round by its full id', () => roundOf(runIdOf('R0031'), 'r0031.s2'), 2],
  ])('reads %s', (_what, read, expected) => {
    expect(read()).toEqual(expected)
  })
  test.each([
    ['a short task id', () => taskIdOf('T1')],
    ['a run id as a task', () => taskIdOf('R0001')],
    ['a path', () => runIdOf('../R0001')],
    ['a decision as a note', () => recordIdOf('note', 'D0001')],
    ['a repo with a dash in front', () => repoNameOf('-rf')],
    ['round zero', () => roundOf(runIdOf('R0031'), 's0')],
    ['a round of another run', () => roundOf(runIdOf('R0031'), 'R0032.s1')],
    ['a newline behind an id', () => taskIdOf('T0001\n')],
  ])('refuses %s', (_what, read) => {
    expect(refusal(read)).toMatchObject({ code: 'input.invalid' })
  })
  test('a snapshot where a run is meant is told apart from nonsense', () => {
    expect(refusal(() => runIdOf('R0001.s2'))).toEqual({ code: 'input.invalid', message: 'R0001.s2 is a snapshot; this command takes its run, R0001' })
  })
})
