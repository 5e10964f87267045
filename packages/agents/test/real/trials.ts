import { strict as assert } from 'node:assert'
import { setTimeout as delay } from 'node:timers/promises'
import type { AgentEvent, AgentEventOf } from '@signalbox/core'
import type { Scenario } from '@signalbox/testkit'
import type { Stage } from './stage.ts'

/** One thing that is tried with each agent: what the model says, and what is then seen, in words for the table. */
export interface Trial {
  readonly title: string
  readonly scenario: Scenario
  /** Whether the agent can be tried at all; without it, it is. */
  readonly suits?: (name: string) => boolean
  readonly run: (stage: Stage) => Promise<string>
}

const words = 'Some words\n'

/** Everything that is tried, in the order of the columns. */
export const trials: readonly Trial[] = [
  {
    title: 'two files and a command',
    scenario: {
      turns: [
        { steps: [{ think: 'Two files, then a command.' }, { say: 'First the files.' }, { writeFile: { path: 'one.txt', content: words } }], usage: { input: 1200, output: 60 } },
        { steps: [{ writeFile: { path: 'two.txt', content: 'two\n' } }], usage: { input: 1300, output: 40, cached: 800 } },
        { steps: [{ shell: 'cat one.txt two.txt > three.txt' }] },
        { steps: [{ say: 'All three are there.' }] },
      ],
    },
    run: async ({ way, drive, read, model }) => {
      const { end, events, ms } = await drive()
      assert.equal(end.stop, 'done', end.because)
      assert.deepEqual([read('one.txt'), read('two.txt'), read('three.txt')], [words, 'two\n', `${words}two\n`])
      assert.deepEqual(model.problems(), [])
      assert.ok(edited(events).some((path) => path.endsWith('two.txt')), 'it says that it edited two.txt')
      assert.ok(events.some((event) => event.type === 'tool' && event.command?.includes('cat one.txt')), 'it says that it ran the command')
      assert.deepEqual(left(events), [])
      // One that is talked to may take its time to go, and is ended then.
      if (way === 'lines') assert.equal(end.strays, 0)
      return `done in ${seconds(ms)}`
    },
  },
  {
    title: 'usage',
    scenario: { turns: [{ steps: [{ say: 'Done.' }], usage: { input: 1234, output: 56, cached: 1000 } }] },
    run: async ({ drive }) => {
      const used = (await drive()).events.filter((event) => event.type === 'usage')
      if (used.length === 0) return 'none'
      assert.deepEqual([used.find(({ input }) => input !== undefined)?.input, used.find(({ output }) => output !== undefined)?.output], [1234, 56])
      return [...new Set(used.flatMap((event) => [...(event.input === undefined ? [] : [`tokens of a ${event.scope}`]), ...(event.cost === undefined ? [] : [`money of a ${event.scope}`])]))].join(', ')
    },
  },
  {
    title: 'goes on with its session',
    scenario: {
      turns: [{ steps: [{ say: 'I remember this.' }] }, { steps: [{ readFile: 'notes.txt' }], expect: /I remember this/ }, { steps: [{ editFile: { path: 'notes.txt', old: 'a note', new: 'a better note' } }] }, { steps: [{ say: 'Done.' }] }],
    },
    run: async ({ agent, drive, read, model }) => {
      const first = await drive()
      const again = await drive({ session: first.end.session })
      if (agent.abilities?.resume === false) {
        assert.ok(again.events.some((event) => event.type === 'notice' && event.text.includes('starts a new one')))
        return 'no: begins a new one, and says so'
      }
      assert.equal(again.end.session, first.end.session)
      assert.ok(again.events.some((event) => event.type === 'session' && event.how !== 'new'))
      assert.deepEqual([again.end.stop, read('notes.txt'), model.problems()], ['done', 'a better note\n', []])
      return 'yes'
    },
  },
  {
    title: 'unasked, or refused',
    scenario: { turns: [{ steps: [{ writeFile: { path: 'asked.txt', content: 'asked\n' } }] }, { steps: [{ shell: 'echo ran > command.log' }] }, { steps: [{ say: 'That is all.' }] }] },
    run: async ({ drive, read, model }) => {
      const { end, events } = await drive({ mayRun: false })
      assert.ok(end.stop === 'done' || end.stop === 'refused', end.because)
      const edits = read('asked.txt') === undefined ? 'no edit' : 'edits'
      if (read('command.log') !== undefined) return `${edits}, commands in its sandbox`
      if (events.some((event) => event.type === 'permission')) return `asks, and is refused: ${edits}, no command${end.stop === 'refused' ? ', and stops' : ''}`
      return `${edits}, ${model.problems().some((problem) => problem.includes('no tool for shell')) ? 'is offered no commands' : 'commands are refused'}`
    },
  },
  {
    title: 'our tools',
    suits: (name) => name !== 'pi',
    scenario: { turns: [{ steps: [{ say: 'Reporting.' }, { mcp: { server: 'signalbox', tool: 'report_status', arguments: { state: 'working' } } }] }, { steps: [{ say: 'Reported.' }], expect: /recorded: working/ }] },
    run: async ({ drive, model, tools }) => {
      const { end } = await drive({ mayRun: false, withTools: true })
      assert.deepEqual([end.stop, tools.calls, model.problems()], ['done', [{ name: 'report_status', arguments: { state: 'working' } }], []])
      return 'yes'
    },
  },
  {
    title: 'stopped while the model is silent',
    scenario: { turns: [{ steps: [{ say: 'I think about it for a long time' }, { hang: true }] }] },
    run: async ({ drive, model }) => {
      const stop = new AbortController()
      const driving = drive({ signal: stop.signal })
      await model.waitFor(({ main }) => main)
      const began = performance.now()
      stop.abort()
      assert.equal((await driving).end.stop, 'cancelled')
      const ms = performance.now() - began
      await model.waitFor(({ outcome }) => outcome === 'client_closed')
      return seconds(ms)
    },
  },
  {
    title: 'stopped while a command runs',
    scenario: { turns: [{ steps: [{ shell: 'touch began.txt; sleep 300; touch never.txt', timeoutMs: 290_000 }] }, { steps: [{ say: 'Interrupted.' }] }] },
    run: async ({ drive, read }) => {
      const stop = new AbortController()
      const driving = drive({ signal: stop.signal })
      while (read('began.txt') === undefined) await Promise.race([delay(20), driving])
      stop.abort()
      const { end, events } = await driving
      assert.deepEqual([end.stop, read('never.txt'), left(events)], ['cancelled', undefined, []])
      return end.strays === 0 ? 'nothing left' : `${end.strays} processes ended with it`
    },
  },
  {
    title: 'the provider takes no more',
    scenario: { turns: [{ times: 500, steps: [{ error: { status: 429, message: 'You exceeded your current quota, please try again in 20s', retryAfter: 1 } }] }] },
    run: async ({ drive }) => {
      const { end, ms } = await drive()
      assert.equal(end.stop, 'quota', `${end.stop}: ${end.because}`)
      return `after ${seconds(ms)}${end.retryAt === undefined ? '' : ', says when'}`
    },
  },
  {
    title: 'the provider refuses for good',
    scenario: { turns: [{ times: 500, steps: [{ error: { status: 400, message: 'scripted: the request is refused for good' } }] }] },
    run: async ({ drive }) => {
      const { end } = await drive()
      assert.deepEqual([end.stop, end.because.includes('refused for good')], ['error', true])
      return `exit ${end.exitCode ?? 'by a signal'}`
    },
  },
]

function edited(events: readonly AgentEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'tool' ? (event.edits ?? []).map(({ path }) => path) : []))
}

/** Returns the ids of tool calls that never ended. */
function left(events: readonly AgentEvent[]): readonly string[] {
  const last = new Map(events.filter((event): event is AgentEventOf<'tool'> => event.type === 'tool').map(({ id, status }) => [id, status]))
  return [...last].filter(([, status]) => ['proposed', 'waiting', 'running'].includes(status)).map(([id]) => id)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
