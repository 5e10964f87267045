import type { PermissionAnswer } from '@signalbox/core'
import { expect, test } from 'vitest'
import { chooseOption } from './permission.ts'

const all = ['allow_always', 'allow_once', 'reject_once', 'reject_always'].map((kind) => ({ kind, optionId: kind }))
const of = (...kinds: readonly string[]): readonly { readonly kind: string; readonly optionId: string }[] => all.filter(({ kind }) => kinds.includes(kind))
const once: PermissionAnswer = { kind: 'allow', lasting: 'once' }
const always: PermissionAnswer = { kind: 'allow', lasting: 'always' }
const no: PermissionAnswer = { kind: 'refuse', because: 'no' }

test.each([
  ['once', once, all, true, 'allow_once', 'allowed'],
  ['always', always, all, true, 'allow_always', 'allowed'],
  ['always, where it would be kept in the checkout', always, all, false, 'allow_once', 'allowed'],
  ['always, where only once is offered', always, of('allow_once', 'reject_once'), true, 'allow_once', 'allowed'],
  ['once, where only always is offered', once, of('allow_always', 'reject_once'), true, 'reject_once', 'refused'],
  ['always, where that is all there is and it would be kept in the checkout', always, of('allow_always', 'reject_once'), false, 'reject_once', 'refused'],
  ['once, where nothing else is offered than always', once, of('allow_always'), true, undefined, 'refused'],
  ['no', no, all, true, 'reject_once', 'refused'],
  ['no, where only a lasting one is offered', no, of('allow_once', 'reject_always'), true, 'reject_always', 'refused'],
  ['no, where it cannot be said', no, of('allow_once'), true, undefined, 'refused'],
  ['nothing any more', { kind: 'cancelled' }, all, true, undefined, 'cancelled'],
  ['once, where no options are given', once, 'none', true, undefined, 'refused'],
] as const)('answers %s', (_, answer, options, lastingAllow, optionId, state) => {
  const chosen = chooseOption(options, answer, lastingAllow)
  expect(chosen.outcome).toEqual(optionId === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId })
  expect(chosen.state).toBe(state)
  expect(chosen.instead !== undefined).toBe(answer.kind === 'allow' && state === 'refused')
})
