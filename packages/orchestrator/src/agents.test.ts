import type { Agent } from '@signalbox/core'
import { expect, it } from 'vitest'
import { findAgent } from './agents.ts'

const agents: readonly Agent[] = [
  { name: 'demo', summary: 'a script', command: () => ({ argv: ['true'], env: {} }) },
  { name: 'shell', summary: 'any command', command: () => ({ argv: ['true'], env: {} }) },
]

it('finds an agent by its name', () => {
  expect(findAgent(agents, 'shell').summary).toBe('any command')
})

it('refuses an unknown agent, naming those there are', () => {
  expect(() => findAgent(agents, 'gpt')).toThrow(expect.objectContaining({ code: 'agent.not_found', message: 'There is no agent "gpt"', hint: 'Known agents: demo (a script); shell (any command)' }))
})
