import { basename, isAbsolute } from 'node:path'
import type { Launch } from '@signalbox/core'
import { expect, test } from 'vitest'
import { demoAgent } from './demo.ts'
import { builtInAgents } from './registry.ts'

test('those that need nothing installed come first; each other one says what it can do and how it is found', () => {
  const agents = builtInAgents()
  expect(agents.map((agent) => agent.name)).toEqual([
    'demo', 'shell',
    'claude', 'codex', 'pi', 'opencode', 'copilot', 'qwen', 'gemini',
    'opencode-headless', 'gemini-headless', 'qwen-headless', 'copilot-headless', 'claude-acp', 'codex-acp',
  ])
  // Under its plain name each one asks, but for those that have a sandbox of their own, or no way to ask.
  expect(agents.filter(({ name, abilities }) => abilities?.permissions === false && !name.includes('-')).map(({ name }) => name)).toEqual(['codex', 'pi'])
  for (const { abilities, detect } of agents.slice(2)) expect([typeof abilities, typeof detect]).toEqual(['object', 'function'])
})

test('the demo agent runs beside the module, on the Node that runs us', async () => {
  const launch: Launch = { prompt: 'Fix it', packet: '/packet.md', cwd: '/work', home: '/home', keepsOwn: false, env: {}, session: undefined, mcp: undefined }
  const [node, program = '', ...rest] = (await demoAgent.command([], launch)).argv
  expect(node).toBe(process.execPath)
  expect(isAbsolute(program)).toBe(true)
  expect(basename(program)).toBe('demo-agent.js')
  expect(rest).toEqual([])
})

test('the demo agent refuses arguments it would ignore', () => {
  expect(() => demoAgent.validate?.(['--model', 'x'])).toThrow('takes no arguments')
})
