import { describe, expect, it } from 'vitest'
import { plausible, queued, toEnd, toEvent, walk } from '../test/events.ts'
import { api, main } from '../test/facts.ts'
import { foldRun } from './fold-run.ts'
import { eventData, parseLoggedEvent, parseRunEvent, type RunEvent, type RunEventType } from './run-event.ts'

const types = Object.keys(eventData).filter((type): type is RunEventType => type in eventData)
const sealed = foldRun(walk('sealing.started', 'round.sealed'))

function jsonOf(event: RunEvent): Record<string, unknown> {
  const value: unknown = JSON.parse(JSON.stringify(event))
  return { ...(value as Record<string, unknown>) }
}

describe('parseRunEvent', () => {
  it.each(types)('%s comes back from JSON as it was', (type) => {
    const event = toEvent(sealed, plausible(sealed, type))
    expect(parseRunEvent(jsonOf(event))).toEqual(event)
  })

  it.each(types)('%s is a fact in the past tense', (type) => {
    expect(type).toMatch(/^(run|setup|agent|session|question|processes|sealing|seal|checkpoint|round|refresh|review|changes|source|check|handoff|approval|waiver|merge|push|branch|pull_request)\.(?:[a-z_]+(?:ed|en)|undone|begun)$/)
  })

  it.each(types)('%s lets later versions add keys, and does not hand them on', (type) => {
    const event = toEvent(sealed, plausible(sealed, type))
    expect(parseRunEvent({ ...jsonOf(event), later: 1, data: { ...event.data, later: { deep: true } } })).toEqual(event)
  })

  it.each(types.filter((type) => type !== 'run.continued' && type !== 'sealing.started'))('%s needs its data', (type) => {
    const event = toEvent(sealed, plausible(sealed, type))
    for (const key of Object.keys(event.data)) {
      const without = Object.fromEntries(Object.entries(event.data).filter(([name]) => name !== key))
      expect(parseRunEvent({ ...jsonOf(event), data: without }), key).toBeUndefined()
    }
  })

  const approved = foldRun(walk(...toEnd, 'approval.granted'))
  it.each(['merge.started', 'merge.published', 'push.started'] as const)('%s that keeps commits has a format of its own, and no other has it', (type) => {
    const event = toEvent(approved, plausible(approved, type))
    const keeping = { ...jsonOf(event), data: { ...event.data, strategy: 'keep' } }
    expect([1, 2, 3].map((format) => parseRunEvent({ ...keeping, format }) !== undefined)).toEqual([false, true, false])
    expect([1, 2, 3].map((format) => parseRunEvent({ ...jsonOf(event), format }) !== undefined)).toEqual([true, false, false])
    expect(parseLoggedEvent({ ...keeping, format: 3 })).toMatchObject({ unknown: true })
  })

  it('a round that lacks a file for its name has a format that older versions know they do not know', () => {
    const event = jsonOf(toEvent(sealed, plausible(sealed, 'round.sealed')))
    const { data } = toEvent(sealed, plausible(sealed, 'round.sealed')) as Extract<RunEvent, { type: 'round.sealed' }>
    const snapshot = { ...data.snapshot, complete: false, repos: data.snapshot.repos.map((repo) => ({ ...repo, missing: [{ path: 'a/.GIT/b', reason: 'name_refused' }] })) }
    expect([1, 2].map((format) => parseRunEvent({ ...event, format, data: { ...data, snapshot } }) !== undefined)).toEqual([false, true])
    expect([1, 2].map((format) => parseRunEvent({ ...event, format }) !== undefined)).toEqual([true, false])
  })

  const claimed = jsonOf(toEvent(foldRun([queued()]), { type: 'run.claimed', data: { pid: 1 } }))

  it.each([
    ['another type', { type: 'run.paused' }],
    ['a type that every object has', { type: 'constructor' }],
    ['no type', { type: undefined }],
    ['another format', { format: 2 }],
    ['a seq of 0', { seq: 0 }],
    ['a broken seq', { seq: 1.5 }],
    ['a seq beyond counting', { seq: 2 ** 53 }],
    ['a seq in letters', { seq: '2' }],
    ['another kind of run', { run: 'T0147' }],
    ['another kind of task', { task: 'R0031' }],
    ['no time', { at: undefined }],
    ['no data', { data: undefined }],
    ['data of another event', { data: { snapshot: 'x' } }],
    ['data in letters', { data: '{"pid":1}' }],
  ])('does not know %s', (_why, change) => {
    expect(parseRunEvent(claimed)).toBeDefined()
    expect(parseRunEvent({ ...claimed, ...change })).toBeUndefined()
  })

  it.each([undefined, null, 1, '', '{}', [], [claimed], {}])('does not take %j for an event', (value) => {
    expect(parseRunEvent(value)).toBeUndefined()
  })

  it('needs at least one repo and a limit in what begins a run', () => {
    const first = queued()
    for (const change of [{ repos: [] }, { minutes: 0 }, { budget: 0 }, { isolation: 'none' }, { baseBranch: undefined }]) {
      expect(parseRunEvent({ ...first, data: { ...first.data, ...change } }), JSON.stringify(change)).toBeUndefined()
    }
    expect(parseRunEvent({ ...first, data: { ...first.data, baseBranch: { [api]: main }, scope: { [api]: ['src/**'] }, budget: 1 } })).toBeDefined()
  })
})
