import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { AgentEvent, AgentEventOf, PermissionRequest } from '@signalbox/core'
import { createRepo, createTempDir, removeTempDirs, startFakeModel, type FakeModel, type Scenario } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { driveAgent, type Drive } from '../drive.ts'
import { createAcpAgent } from './agent.ts'
import { acpProfiles } from './profiles.ts'

// A real agent that somebody else wrote, driven over the protocol; only its model is a script of ours.

const scenario: Scenario = {
  turns: [
    { steps: [{ say: 'Both folders first.' }, { writeFile: { path: 'api/price.txt', content: '42\n' } }] },
    { steps: [{ writeFile: { path: 'web/page.txt', content: 'price: 42\n' } }] },
    { steps: [{ shell: 'cat api/price.txt web/page.txt > both.txt' }], usage: { input: 1300, output: 40, cached: 800 } },
    { steps: [{ shell: 'echo gone > refused.txt' }], expect: /both\.txt/ },
    { steps: [{ say: 'I remember both folders.' }, { hang: true }], expect: /Both folders first[^]*Go on, please/ },
  ],
}

afterAll(removeTempDirs)

test('qwen edits in two folders, asks and is answered, and goes on in another process until it is asked to stop', { timeout: 60_000 }, async () => {
  const model = await startFakeModel(scenario)
  const cwd = createRepo({ 'README.md': '# Shop\n' })
  const drive = drivingOf(cwd, model)
  const asked: PermissionRequest[] = []

  const work: AgentEvent[] = []
  const first = await driveAgent({
    ...drive,
    prompt: 'Write the price in both folders',
    onEvent: (event) => work.push(event),
    onPermission: async (request) => {
      asked.push(request)
      return request.command?.includes('refused') === true ? { kind: 'refuse', because: 'Not this one' } : { kind: 'allow', lasting: 'always' }
    },
  })
  expect(first).toMatchObject({ stop: 'refused', session: expect.any(String) })
  expect(['api/price.txt', 'web/page.txt', 'both.txt'].map((path) => readFileSync(join(cwd, path), 'utf8'))).toEqual(['42\n', 'price: 42\n', '42\nprice: 42\n'])
  expect(existsSync(join(cwd, 'refused.txt'))).toBe(false)
  // Allowed for as long as it likes, it still asks each time, for it would keep that in the checkout.
  expect(asked.map(({ kind, command, paths }) => command ?? `${kind} ${paths.join()}`)).toEqual([`edit ${cwd}/api/price.txt`, `edit ${cwd}/web/page.txt`, 'cat api/price.txt web/page.txt > both.txt', 'echo gone > refused.txt'])
  expect(existsSync(join(cwd, '.qwen'))).toBe(false)
  expect(toolsIn(work)).toMatchObject([
    { status: 'done', edits: [{ path: join(cwd, 'api/price.txt'), change: 'add' }] },
    { status: 'done', edits: [{ path: join(cwd, 'web/page.txt'), change: 'add' }] },
    // What it wrote is left out: busy, it loses the output of a command that is soon over.
    { status: 'done', exitCode: 0 },
    { status: 'refused' },
  ])
  expect(work).toContainEqual({ type: 'usage', scope: 'step', input: 1300, output: 40, cached: 800 })

  const stop = new AbortController()
  const later: AgentEvent[] = []
  const second = await driveAgent({
    ...drive,
    prompt: 'Go on, please',
    session: first.session ?? '',
    signal: stop.signal,
    onEvent: (event) => {
      later.push(event)
      if (event.type === 'message') stop.abort()
    },
  })
  expect(second).toMatchObject({ stop: 'cancelled', because: 'It stopped when it was asked to', session: first.session })
  expect(later[0]).toMatchObject({ type: 'session', how: 'resumed', mode: 'default' })
  expect(model.requests.at(-1)?.outcome).toBe('client_closed')
  expect(model.problems()).toEqual([])
  await model.close()
})

/** Qwen Code as it is installed for tests, with a home of its own and the scripted model. */
function drivingOf(cwd: string, model: FakeModel): Omit<Drive, 'prompt'> {
  const [home, keeps] = [createTempDir('home'), createTempDir('keeps')]
  const bin = join(import.meta.dirname, '../../node_modules/.bin')
  const profile = acpProfiles.find(({ name }) => name === 'qwen')
  if (profile === undefined) throw new Error('no profile of qwen')
  const env = { PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter), HOME: home, TMPDIR: keeps, OPENAI_API_KEY: 'scripted-key-0001', OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_MODEL: 'scripted' }
  return { agent: createAcpAgent(profile), cwd, home: keeps, env }
}

/** Each tool call as it was in the end. */
function toolsIn(events: readonly AgentEvent[]): readonly AgentEventOf<'tool'>[] {
  const tools = new Map<string, AgentEventOf<'tool'>>()
  for (const event of events) if (event.type === 'tool') tools.set(event.id, { ...tools.get(event.id), ...event })
  return [...tools.values()]
}
