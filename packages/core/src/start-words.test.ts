import { expect, test } from 'vitest'
import { walk } from '../test/events.ts'
import { snapshot } from '../test/facts.ts'
import { foldRun } from './fold-run.ts'
import { runIdSchema, taskIdSchema } from './ids.ts'
import type { ReportedPath } from './snapshot.ts'
import { startAgainWords, startWords } from './start-words.ts'

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

test('what begins a run anew: with its last snapshot that has all files, else with what it began with, or made again where no agent works in it', () => {
  const run = { ...foldRun(walk('sealing.started', 'round.sealed')), task, agent: 'demo', argv: [] }
  const [first] = run.snapshots
  if (first === undefined) throw new TypeError('nothing was sealed')
  const lacking = (missing: ReportedPath): typeof run => ({ ...run, snapshots: [first, { ...first, id: snapshot('R0031.s2'), complete: false, repos: first.repos.map((repo) => ({ ...repo, missing: [missing] })) }] })
  expect(startAgainWords(lacking({ path: '.', reason: 'workspace_lost' }))).toBe('run T0002 --agent demo --from R0031.s1')
  expect(startAgainWords(lacking({ path: '.git/HEAD', reason: 'unreadable' }))).toBe('run T0002 --agent demo --from R0031.s2')
  expect(startAgainWords({ ...run, snapshots: [] })).toBe('run T0002 --agent demo')
  expect(startAgainWords({ ...run, snapshots: [], from: snapshot('R0030.s4') })).toBe('run T0002 --agent demo --from R0030.s4')
  expect(startAgainWords({ ...run, takesBack: { run: runIdSchema.parse('R0007'), repos: [] } })).toBe('undo R0007 --as-run')
})
