import { codeOf } from '@signalbox/core'
import { basename, isAbsolute } from 'node:path'
import { expect, test } from 'vitest'
import { demoAgent } from './demo.ts'
import { builtInAgents, findAgent } from './registry.ts'

test('every built-in agent is found by its name, which is unlike the others', () => {
  const names = builtInAgents().map((agent) => agent.name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(findAgent(name).name).toBe(name)
})

test('an unknown agent is refused, naming those there are', () => {
  expect.assertions(2)
  try {
    findAgent('gpt')
  } catch (error) {
    expect(codeOf(error)).toBe('agent.not_found')
    expect(error).toMatchObject({ message: 'There is no agent called "gpt"', hint: expect.stringMatching(/^Known agents: demo .*; shell /), data: { known: ['demo', 'shell'] } })
  }
})

test('the demo agent runs beside the module, on the Node that runs us', () => {
  const [node, program = '', ...rest] = demoAgent.command([]).argv
  expect(node).toBe(process.execPath)
  expect(isAbsolute(program)).toBe(true)
  expect(basename(program)).toBe('demo-agent.js')
  expect(rest).toEqual([])
})

test('the demo agent refuses arguments it would ignore', () => {
  expect(() => demoAgent.command(['--model', 'x'])).toThrow('takes no arguments')
})
