import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { git, startFakeModel, type FakeModel } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createCall, type ApiCall } from './harness/api-call.ts'
import { askedForm, claimedForm, untilAsked } from './harness/asking-agent.ts'
import { mergeForm } from './harness/contract.ts'
import { untilEnded } from './harness/live-run.ts'
import { serveWorld, type ServedWorld } from './harness/served-world.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

describe('a real agent that somebody else wrote', () => {
  let world: World
  let model: FakeModel
  let server: ServedWorld
  let call: ApiCall

  beforeAll(async () => {
    model = await startFakeModel({
      turns: [
        { steps: [{ say: 'Both repositories.' }, { writeFile: { path: 'api/price.txt', content: '42\n' } }] },
        { steps: [{ writeFile: { path: 'web/page.txt', content: 'price: 42\n' } }] },
        { steps: [{ shell: 'cat api/price.txt web/page.txt > api/both.txt' }] },
        { steps: [{ say: 'Done.' }] },
        { steps: [{ say: 'I remember.' }, { writeFile: { path: 'api/more.txt', content: 'more\n' } }], expect: /Both repositories[^]*One more file, please/ },
        { steps: [{ say: 'Done again.' }] },
        { steps: [{ writeFile: { path: 'dear.txt', content: 'dear\n' } }], usage: { input: 5000, output: 10 } },
        { steps: [{ hang: true }] },
      ],
    })
    const bin = join(import.meta.dirname, '../packages/agents/node_modules/.bin')
    world = await createWorld({ PATH: [bin, dirname(process.execPath), process.env['PATH']].join(':'), OPENAI_API_KEY: 'scripted-key-0001', OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_MODEL: 'scripted' })
    for (const name of ['api', 'web']) await addRepo(world, name, world.source(name, { 'README.md': `# ${name}\n` }), 'there=test -f README.md')
    await newTask(world, 'Write the price in both', '--repo', 'api', '--repo', 'web')
    server = await serveWorld(world)
    call = await createCall(world, server.url)
  })
  afterAll(async () => {
    await server.stop()
    await model.close()
    await world.close()
  })

  it('edits two checkouts, runs a command that its human allows over the API, is sealed, goes on in its session, and lands', { timeout: 120_000 }, async () => {
    await call('POST', '/api/tasks/T0001/runs', { agent: 'qwen' })
    const waiting = await untilAsked(world, 'R0001')
    // Edits in its workspace need nobody; a command does.
    expect(waiting).toMatchObject({ state: 'waiting', session: { mode: 'default' }, questions: [{ asked: { id: 'Q1', tool: { kind: 'execute', command: expect.stringContaining('both.txt') } } }] })
    await call('POST', '/api/runs/R0001/answers', { question: 'Q1', answer: { kind: 'allow', lasting: 'once' } })
    await untilEnded(world, 'R0001')
    const first = await world.ask(askedForm, ['show', 'R0001'])
    expect(first).toMatchObject({ outcome: 'completed', snapshots: [{ complete: true, repos: [{ repo: 'api', files: 2 }, { repo: 'web', files: 1 }] }] })
    expect((await world.ask(claimedForm, ['diff', 'R0001'])).claims).toEqual({ absent: [], unclaimed: [{ repo: 'api', path: 'both.txt' }], outside: [] })

    await call('POST', '/api/runs/R0001/resume', { text: 'One more file, please' })
    await untilEnded(world, 'R0001')
    const second = await world.ask(askedForm, ['show', 'R0001'])
    expect(second).toMatchObject({ outcome: 'completed', session: { session: first.session?.session }, snapshots: [{}, { id: 'R0001.s2', repos: [{ repo: 'api', files: 3 }, {}] }] })
    expect(model.problems()).toEqual([])

    expect(await world.ask(mergeForm, ['merge', 'R0001', '--approve'])).toMatchObject({ state: 'merged' })
    expect(git(join(world.dir, 'api'), 'show', 'HEAD:both.txt')).toBe('42\nprice: 42')
    expect(existsSync(join(world.dir, 'web/page.txt'))).toBe(true)
    // Nothing of the human's was changed by the agent: what it keeps lies with the run.
    expect(existsSync(join(world.dir, 'api/.qwen'))).toBe(false)
    expect(JSON.stringify(await world.ask(z.looseObject({}), ['log', 'R0001']))).not.toContain('scripted-key-0001')
  })

  it('is stopped in order at its limit of tokens, and waits for its human', { timeout: 60_000 }, async () => {
    const task = await newTask(world, 'Be dear', '--repo', 'api')
    const { id } = await world.ask(askedForm, ['run', task, '--agent', 'qwen', '--tokens', '1000', '--detach'])
    const waiting = await untilAsked(world, id)
    expect(waiting).toMatchObject({ waitsFor: 'question', questions: [{ asked: { kind: 'question', text: expect.stringMatching(/it used \d+ of 1000 tokens\. May it go on\?/) } }] })
    await world.ask(z.looseObject({}), ['answer', id, 'Let it end here'])
    await untilEnded(world, id)
    expect(await world.ask(askedForm, ['show', id])).toMatchObject({ outcome: 'failed', because: expect.stringMatching(/it used \d+ of 1000 tokens, which is its limit/), snapshots: [{ complete: true }] })
  })
})
