import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startFakeModel, type FakeModel, type Scenario } from '@signalbox/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { askedForm, untilAsked } from './harness/asking-agent.ts'
import { failureForm, gateForm } from './harness/contract.ts'
import { untilEnded } from './harness/live-run.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

type Turn = NonNullable<Scenario['turns']>[number]

/** What this machine can do, found out without the code under test. */
const isSandboxed = spawnSync('bwrap', ['--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', 'true']).status === 0

let world: World
let model: FakeModel
afterEach(async () => {
  await model.close()
  await world.close()
})

/** A world in which Qwen Code is installed and its model plays these turns. */
async function setStage(...turns: readonly Turn[]): Promise<string> {
  model = await startFakeModel({ turns: [...turns] })
  const bin = join(import.meta.dirname, '../packages/agents/node_modules/.bin')
  world = await createWorld({ PATH: [bin, dirname(process.execPath), process.env['PATH']].join(':'), OPENAI_API_KEY: 'scripted-key-0001', OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_MODEL: 'scripted' })
  await addRepo(world, 'api', world.source('api', { 'README.md': '# api\n' }))
  return newTask(world, 'Work', '--repo', 'api')
}

describe('a real agent', () => {
  it('asks its human by our tools, is answered, reports, proposes a task and hands off', { timeout: 120_000 }, async () => {
    const tool = (name: string, args: object): Turn['steps'][number] => ({ mcp: { server: 'signalbox', tool: name, arguments: { ...args } } })
    const task = await setStage(
      { steps: [tool('ask_human', { text: 'Which port?', options: ['80', '8080'] })] },
      { steps: [tool('report_progress', { text: 'The port is known' })], expect: /8080/ },
      { steps: [tool('propose_task', { title: 'Close the old port', body: 'Nobody uses it.' })] },
      { steps: [tool('draft_handoff', { what: 'Opened a port', next: 'Close the old one' })] },
      { steps: [{ say: 'Done.' }] },
    )
    const { id } = await world.ask(askedForm, ['run', task, '--agent', 'qwen', '--detach'])
    expect(await untilAsked(world, id)).toMatchObject({ waitsFor: 'question', questions: [{ asked: { id: 'Q1', kind: 'question', text: 'Which port?', options: ['80', '8080'] } }] })
    await world.ask(z.looseObject({}), ['answer', id, '8080'])
    await untilEnded(world, id)
    expect(model.problems()).toEqual([])
    const ended = await world.ask(askedForm, ['show', id])
    // Our own tools need nobody's leave.
    expect(ended).toMatchObject({ outcome: 'completed', questions: [{ state: 'answered' }] })
    expect((await world.call(['log', id])).stdout).toContain('The port is known')
    const { tasks } = await world.ask(z.looseObject({ tasks: z.array(z.looseObject({ title: z.string(), status: z.string(), labels: z.array(z.string()) })) }), ['task', 'list'])
    expect(tasks).toContainEqual(expect.objectContaining({ title: 'Close the old port', status: 'draft', labels: expect.arrayContaining(['proposed']) }))
    const { handoffs } = await world.ask(z.looseObject({ handoffs: z.array(z.looseObject({ what: z.string(), by: z.string() })) }), ['handoff', 'list'])
    expect(handoffs).toContainEqual(expect.objectContaining({ what: 'Opened a port', by: `qwen, in ${id}` }))
  })

  it('leaves a question that it does not wait for open, and that blocks until it is answered', { timeout: 120_000 }, async () => {
    const task = await setStage({ steps: [{ mcp: { server: 'signalbox', tool: 'ask_human', arguments: { text: 'May I drop the table?' } } }] }, { steps: [{ say: 'Done.' }] })
    const { id } = await world.ask(askedForm, ['run', task, '--agent', 'qwen', '--detach'])
    await untilAsked(world, id)
    // An agent that gave up on the answer may have ended by itself at that moment, which is as good.
    await world.call(['cancel', id])
    await untilEnded(world, id)
    expect((await world.ask(gateForm, ['gate', id], 4)).blockers.map(({ code }) => code)).toContain('question_open')
    await world.ask(z.looseObject({}), ['answer', id, 'Q1', 'No'])
    expect((await world.ask(gateForm, ['gate', id], 4)).blockers.map(({ code }) => code)).not.toContain('question_open')
  })

  it('works in a sandbox without asking, for the system confines it', { timeout: 120_000 }, async () => {
    const task = await setStage({ steps: [{ writeFile: { path: 'a.txt', content: 'a\n' } }] }, { steps: [{ shell: `echo b > b.txt; touch '${join('/var/tmp', 'signalbox-escaped')}'` }] }, { steps: [{ say: 'Done.' }] })
    if (!isSandboxed) {
      expect(await world.ask(failureForm, ['run', task, '--agent', 'qwen', '--isolation', 'sandbox'], 5)).toMatchObject({ error: { code: 'sandbox.unavailable' } })
      return
    }
    const run = await world.ask(askedForm, ['run', task, '--agent', 'qwen', '--isolation', 'sandbox'])
    expect(run).toMatchObject({ outcome: 'completed', questions: [], snapshots: [{ complete: true, repos: [{ files: 2 }] }] })
    expect(existsSync('/var/tmp/signalbox-escaped')).toBe(false)
  })
})
