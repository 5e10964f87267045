import { expect, it } from 'vitest'
import { resolveHome, type HomeChoice } from './home.ts'

const keyed = { name: 'claude', keys: ['FIRST_KEY', 'SECOND_KEY'] }
const set = { FIRST_KEY: '', SECOND_KEY: 'key' }

it.each([
  ['auto', {}, keyed, {}, 'shared'],
  ['auto', {}, keyed, set, 'kept'],
  ['auto', {}, keyed, { FIRST_KEY: '' }, 'shared'],
  ['auto', {}, { name: 'shell' }, set, 'shared'],
  ['own', {}, keyed, {}, 'own'],
  ['shared', {}, keyed, set, 'shared'],
  ['own', { claude: 'shared' }, keyed, set, 'shared'],
  ['own', { claude: 'auto' }, keyed, set, 'kept'],
  ['auto', { claude: 'own' }, keyed, {}, 'own'],
  ['auto', { codex: 'own' }, keyed, {}, 'shared'],
  ['auto', {}, { name: 'constructor' }, {}, 'shared'],
] as const)('where it is otherwise %s and %j is said, %j with %j has a home that is %s', (otherwise, agents: Readonly<Record<string, HomeChoice>>, agent, env, home) => {
  expect(resolveHome({ otherwise, agents }, agent, env)).toBe(home)
})
