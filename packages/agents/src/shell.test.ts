import { codeOf, type Launch } from '@signalbox/core'
import { expect, test } from 'vitest'
import { shellAgent } from './shell.ts'

const launch: Launch = { prompt: 'Fix it', packet: '/packet.md', cwd: '/work', home: '/home', keepsOwn: false, env: {}, session: undefined, mcp: undefined }

test('starts exactly the words it was given, with no shell in between', () => {
  const argv = ['npm', 'run', 'fix things', '$HOME', ';', 'rm', '']
  expect(shellAgent.command(argv, launch)).toEqual({ argv, env: {} })
})

test.each([[[]], [['']], [['  ', 'x']]])('refuses %j, which names no program, with an example', (argv) => {
  const refusal = refusalOf(() => shellAgent.validate?.(argv))
  expect(codeOf(refusal)).toBe('input.invalid')
  expect(refusal).toHaveProperty('hint', expect.stringContaining('--agent shell -- npm run fix'))
})

function refusalOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
