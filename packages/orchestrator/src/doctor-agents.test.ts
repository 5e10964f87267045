import { configSchema, runIdSchema, type Agent, type AgentPresence } from '@signalbox/core'
import { expect, test } from 'vitest'
import { diagnoseAgents } from './doctor-agents.ts'

function agentOf(name: string, presence?: AgentPresence, keys?: readonly string[]): Agent {
  return { name, ...(keys === undefined ? {} : { keys }), summary: 'one', ...(presence === undefined ? {} : { detect: async () => presence }), command: () => ({ argv: ['true'], env: {} }) }
}

const agents = [
  agentOf('shell'),
  agentOf('codex', { program: '/bin/codex', version: '1.2.3', hint: 'Log in with: codex login' }),
  agentOf('lonely', { program: '/bin/lonely', version: '2.0', hint: 'Log in' }, ['LONELY_KEY', 'OTHER_KEY']),
  agentOf('slow', { program: '/bin/slow', version: null, hint: 'Install it: slow' }),
  agentOf('away', { program: null, version: null, hint: 'Install it: away' }),
  agentOf('unnamed', { program: null, version: null, hint: 'Install it: unnamed' }),
]
const programs: Readonly<Record<string, string | null>> = { mine: '/bin/mine', lost: null }

const run = (id: string, agent: string) => ({ id: runIdSchema.parse(id), agent })

test('doctor names agents that are here, and those that somebody counts on', async () => {
  const config = configSchema.parse({ format: 1, agents: { mine: { command: ['mine'] }, lost: { command: ['lost'] } }, homes: { agents: { lonely: 'own' } } })
  const services = {
    agents,
    templateAgent: (name: string) => agentOf(name, { program: programs[name] ?? null, version: null, hint: `Put ${name} on PATH` }),
    env: {},
    memory: { readConfig: async () => config },
  }
  const lines = await diagnoseAgents(services, [run('R0001', 'away'), run('R0003', 'ghost'), run('R0004', 'shell')])
  expect(lines.map(({ subject, state, message, remedy }) => [subject, state, message, remedy])).toEqual([
    ['agents', 'ok', '4 of the 7 agents that need a program are installed here', 'See what each can do: signalbox agents'],
    ['mine', 'ok', '/bin/mine', null],
    ['lost', 'problem', 'signalbox.yaml names it, and its program is not here', 'Put lost on PATH'],
    ['codex', 'ok', '1.2.3, /bin/codex. Log in with: codex login', null],
    ['lonely', 'warning', '2.0, /bin/lonely. It has a home of its own, where nobody is logged in, and no key is set that it takes instead', expect.stringContaining('LONELY_KEY, OTHER_KEY')],
    ['slow', 'warning', '/bin/slow is there and does not say its version, so it may not start', 'Install it: slow'],
    ['away', 'warning', 'it is not installed here, so R0001 cannot go on with it', 'Install it: away'],
    ['ghost', 'warning', 'no agent has this name any more, so R0003 cannot go on with it', expect.stringContaining('signalbox.yaml')],
  ])
  const keyed = await diagnoseAgents({ ...services, env: { OTHER_KEY: 'key' } }, [])
  expect(keyed.find(({ subject }) => subject === 'lonely')).toMatchObject({ state: 'ok', message: '2.0, /bin/lonely. Log in' })
})
