import { expect, test } from 'vitest'
import { serverOf } from './tool-server.ts'

test.each([
  ['mcp__signalbox__ask_human', 'signalbox'],
  // A repository may bring settings with a server of this name along.
  ['mcp__signalbox__evil__run', 'signalbox__evil'],
  ['Bash', null],
])('%s is a tool of %s', (name, server) => {
  expect(serverOf(name)).toBe(server)
})
