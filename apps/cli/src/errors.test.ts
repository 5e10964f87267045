import { ControlError, gateReportSchema } from '@signalbox/core'
import { describe, expect, test } from 'vitest'
import { asControlError, errorText, errorValue } from './errors.ts'
import { plainLook } from './look.ts'

const report = gateReportSchema.parse({
  run: 'R0001',
  snapshot: 'R0001.s2',
  verdict: 'blocked',
  digest: 'd1',
  repos: [],
  blockers: [
    { code: 'target_dirty', repo: 'api', message: 'The checkout of main of api has changes of its own (1 unstaged): a\u001b[31m.ts', data: {}, remedy: { sentence: 'Stash them there', command: 'git -C /src/api stash -u' } },
    { code: 'approval_missing', message: 'R0001.s2 is not approved', data: {}, remedy: { sentence: 'Approve it', command: 'signalbox approve R0001' } },
  ],
  waived: [],
})
const blocked = new ControlError('gate.blocked', 'R0001 may not be merged', { hint: 'Clear the reasons and try again', data: { report } })

describe('for programs', () => {
  test('an error is its code, sentence and hint', () => {
    expect(errorValue(new ControlError('task.not_found', 'There is no T0009', { hint: 'List them' }))).toEqual({ error: { code: 'task.not_found', message: 'There is no T0009', hint: 'List them' } })
  })
  test('a refused gate brings its verdict, so that a script need not ask again', () => {
    expect(errorValue(blocked)).toEqual({ error: { code: 'gate.blocked', message: 'R0001 may not be merged', hint: 'Clear the reasons and try again' }, ...report })
  })
  test('a second merge brings the result of the first', () => {
    const result = { state: 'merged', repos: [{ repo: 'api', branch: 'main', from: 'a'.repeat(40), to: 'b'.repeat(40) }] }
    expect(errorValue(new ControlError('run.already_merged', 'R0001 is merged', { data: result }))).toMatchObject({ error: { code: 'run.already_merged' }, ...result })
  })
  test('data that is no report is not passed off as one', () => {
    expect(Object.keys(errorValue(new ControlError('gate.blocked', 'No', { data: { report: { verdict: 'mergeable' } } })))).toEqual(['error'])
  })
})

describe('for people', () => {
  test('every blocker is a sentence with its remedy and command, and no control byte', () => {
    expect(errorText(blocked, plainLook(0))).toMatchInlineSnapshot(`
      "✗ R0001.s2 is blocked: 2 reasons

      ✗ target_dirty  api
        The checkout of main of api has changes of its own (1 unstaged): a\\x1b[31m.ts
        → Stash them there
          git -C /src/api stash -u

      ✗ approval_missing
        R0001.s2 is not approved
        → Approve it
          signalbox approve R0001"
    `)
  })
})

describe('whatever was thrown', () => {
  test.each([
    ['an unknown id without a hint gets the nearest thing to do', new ControlError('run.not_found', 'x'), 'run.not_found', /signalbox runs/],
    ['a hint of its own stays', new ControlError('run.not_found', 'x', { hint: 'mine' }), 'run.not_found', /^mine$/],
    ['an error of another copy of core is known by its code', { code: 'git.too_old', message: 'x', hint: 'Update git' }, 'git.too_old', /Update git/],
    ['a full disk is a full disk', Object.assign(new Error('x'), { code: 'ENOSPC' }), 'disk.full', undefined],
    ['a folder that cannot be written is that', Object.assign(new Error('x'), { code: 'EACCES' }), 'disk.unwritable', undefined],
    ['a bug is a bug', new TypeError('x'), 'internal.unexpected', /SIGNALBOX_DEBUG/],
    ['a string is a bug too', 'x', 'internal.unexpected', /bug/],
  ])('%s', (_rule, thrown, code, hint) => {
    const error = asControlError(thrown)
    expect(error.code).toBe(code)
    if (hint !== undefined) expect(error.hint).toMatch(hint)
  })
})
