import { expect, test } from 'vitest'
import { taskIdSchema } from './ids.ts'
import { startWords } from './start-words.ts'

const task = taskIdSchema.parse('T0002')

test.each([
  ['an agent by its name', 'demo', [], '', 'run T0002 --agent demo'],
  ['a command', 'shell', ['npm', 'test', '--', 'it\'s'], '', String.raw`run T0002 --agent shell -- npm test -- 'it'\''s'`],
  ['with flags before the command', 'shell', ['make'], '--from R0001.s2', 'run T0002 --agent shell --from R0001.s2 -- make'],
  ['a command of several lines', 'shell', ['sh', '-c', 'a\nb'], '', 'run T0002 --agent shell -- COMMAND'],
  ['a long command', 'shell', ['sh', '-c', 'x'.repeat(200)], '', 'run T0002 --agent shell -- COMMAND'],
])('what starts a run again: %s', (_name, agent, argv, flags, words) => {
  expect(startWords({ task, agent, argv }, flags)).toBe(words)
})
