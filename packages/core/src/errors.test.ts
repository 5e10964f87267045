import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf, ControlError, exit, exitCodes, hasCode, httpStatusOf, messageOf, type ErrorCode } from './errors.ts'

const codes = Object.keys(exitCodes).filter((code): code is ErrorCode => Object.hasOwn(exitCodes, code))

describe('codes', () => {
  it.each(codes)('%s is a noun and what befell it, and ends the CLI with an exit of the table', (code) => {
    expect(code).toMatch(/^[a-z]+\.[a-z_]+$/)
    expect(Object.values(exit)).toContain(exitCodes[code])
    expect(exitCodes[code]).not.toBe(exit.ok)
  })

  it('has a code for every exit but ok', () => {
    expect(new Set(Object.values(exitCodes))).toEqual(new Set(Object.values(exit).filter((number) => number !== exit.ok)))
  })

  it('keeps the exits that scripts rely on', () => {
    expect(exit).toEqual({ ok: 0, unexpected: 1, badInput: 2, notFound: 3, refused: 4, environment: 5, notAllowed: 6, interrupted: 130 })
  })

  it.each(codes)('%s has the status of its exit', (code) => {
    const statuses: Readonly<Record<number, number>> = { 1: 500, 2: 400, 3: 404, 4: 409, 5: 503, 6: 403, 130: 500 }
    expect(httpStatusOf(code)).toBe(statuses[exitCodes[code]])
  })

  it.each([
    ['input.invalid', 2],
    ['task.not_found', 3],
    ['gate.blocked', 4],
    ['run.already_merged', 4],
    ['record.changed_underneath', 4],
    ['repo.is_memory', 4],
    ['git.command_failed', 5],
    ['run.failed', 5],
    ['access.denied', 6],
    ['signal.interrupted', 130],
  ] as const)('%s exits %i', (code, number) => {
    expect(exitCodes[code]).toBe(number)
  })
})

describe('ControlError', () => {
  it('carries code, sentence, hint, data and cause', () => {
    const cause = new Error('no space left')
    const error = new ControlError('disk.full', 'The disk is full', { hint: 'Make room', data: { path: '/x' }, cause })
    expect(error).toMatchObject({ name: 'ControlError', code: 'disk.full', message: 'The disk is full', hint: 'Make room', data: { path: '/x' }, cause })
    expect(error).toBeInstanceOf(Error)
  })

  it('has no cause where none was given', () => {
    expect('cause' in new ControlError('disk.full', 'The disk is full')).toBe(false)
  })
})

describe('hasCode and codeOf', () => {
  it('read the field, so that a copy of this package and JSON of another process agree', () => {
    const error = new ControlError('task.not_found', 'There is no task T0147')
    for (const one of [error, { code: 'task.not_found' }, JSON.parse('{"code":"task.not_found","message":"x"}')]) {
      expect(hasCode(one, 'task.not_found')).toBe(true)
      expect(hasCode(one, 'run.not_found')).toBe(false)
      expect(codeOf(one)).toBe('task.not_found')
    }
  })

  it.each([undefined, null, 'task.not_found', 3, {}, { code: 3 }, { code: 'ENOENT' }, { code: 'task.' }, new Error('task.not_found')])('find none in %j', (value) => {
    expect(codeOf(value)).toBeUndefined()
  })

  it('do not take what every object answers to for a code', () => {
    for (const code of Object.getOwnPropertyNames(Object.prototype)) expect(codeOf({ code }), code).toBeUndefined()
  })
})

describe('messageOf', () => {
  it('reads errors of this process, of another, and anything else thrown', () => {
    expect(messageOf(new ControlError('disk.full', 'The disk is full'))).toBe('The disk is full')
    expect(messageOf({ code: 'disk.full', message: 'The disk is full' })).toBe('The disk is full')
    expect(messageOf('broken')).toBe('broken')
    expect(messageOf(undefined)).toBe('undefined')
  })

  it('never throws itself', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (value) => {
        expect(typeof messageOf(value)).toBe('string')
      }),
    )
    expect(messageOf(Symbol('x'))).toBe('Symbol(x)')
  })
})
