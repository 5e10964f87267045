import { createApp, createClient } from '@signalbox/api'
import { ControlError, type HumanFace } from '@signalbox/core'
import { afterEach, describe, expect, test } from 'vitest'
import { useSmallFetchClasses } from './fetch-classes.ts'

const platform = { Headers: globalThis.Headers, Request: globalThis.Request, Response: globalThis.Response }

afterEach(() => {
  Object.assign(globalThis, platform)
})

/** Answers what it was asked, so that nothing is lost on the way there or back. */
const echo = {
  listTasks: (filter: unknown) => Promise.resolve({ tasks: [], quarantined: [], filter }),
  createTask: (task: unknown) => Promise.resolve(task),
  readRun: (id: string) => Promise.reject(new ControlError('run.not_found', `There is no run ${id} – ü`, { hint: 'List them', data: { id } })),
  nextTask: () => Promise.reject(new TypeError('a bug')),
} as unknown as HumanFace

/** Every kind of call: with and without a query, with a body, refused by the plane, by a schema, and by a bug. */
const calls: Readonly<Record<string, (human: HumanFace) => Promise<unknown>>> = {
  'without anything': (human) => human.listTasks(),
  'with a query': (human) => human.listTasks({ status: 'ready' }),
  'with a body': (human) => human.createTask({ title: 'Größe ✓', repos: [], body: 'line\nline' }),
  'that is refused': (human) => human.readRun('R0001' as never),
  'that no schema takes': (human) => human.createTask({ title: '', unknown: 1 } as never),
  'that fails by a bug': (human) => human.nextTask(),
  'of something that is not there': (human) => human.readRun('../x' as never),
}

async function outcomeOf(call: (human: HumanFace) => Promise<unknown>): Promise<unknown> {
  const human = createClient({ fetch: createApp({ human: echo }).request })
  try {
    return { value: await call(human) }
  } catch (error) {
    return error instanceof ControlError ? { code: error.code, message: error.message, hint: error.hint, data: error.data } : { error }
  }
}

describe('a call in process', () => {
  test.each(Object.keys(calls))('%s is answered as with the classes of the platform', async (name) => {
    const call = calls[name]
    if (call === undefined) throw new Error(name)
    const theirs = await outcomeOf(call)
    useSmallFetchClasses()
    expect(globalThis.Response).not.toBe(platform.Response)
    expect(await outcomeOf(call)).toEqual(theirs)
    expect(theirs).not.toHaveProperty('error')
  })
})
