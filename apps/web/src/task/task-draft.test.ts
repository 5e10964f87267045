import { expect, test } from 'vitest'
import { changesBetween, emptyDraft, findClashes, newTaskOf, type TaskDraft } from './task-draft.ts'
import { editTaskTwin, newTaskTwin } from './task-twin.ts'

const base: TaskDraft = { ...emptyDraft, title: 'Round prices', repos: ['api', 'web'], branches: { api: 'main', web: 'main' }, labels: 'a, b' }

test('only what was changed is written', () => {
  expect(changesBetween(base, { ...base, title: 'Round all prices', labels: 'a,b ' })).toEqual({ title: 'Round all prices' })
  expect(changesBetween(base, base)).toEqual({})
})

test('one branch for all repos is one name, else a map', () => {
  expect(changesBetween(base, { ...base, branches: { api: 'release', web: 'release' } })).toEqual({ baseBranch: 'release' })
  expect(changesBetween(base, { ...base, branches: { api: 'main', web: 'release/2' } })).toEqual({ baseBranch: { api: 'main', web: 'release/2' } })
})

test('two people who change different fields do not clash', () => {
  expect(findClashes({ base, mine: { ...base, title: 'Mine' }, theirs: { ...base, status: 'draft' } })).toEqual([])
  expect(findClashes({ base, mine: { ...base, title: 'Same' }, theirs: { ...base, title: 'Same' } })).toEqual([])
})

test('one field changed twice clashes, with both versions', () => {
  expect(findClashes({ base, mine: { ...base, title: 'Mine' }, theirs: { ...base, title: 'Theirs', priority: 1 } })).toEqual([{ field: 'Title', mine: 'Mine', theirs: 'Theirs' }])
})

test('a new task says nothing it was not told', () => {
  expect(newTaskOf({ ...emptyDraft, title: 'T', repos: ['api'], scope: { api: 'src/**\n\ntest/**', web: 'x' } })).toEqual({
    title: 'T',
    body: '',
    repos: ['api'],
    status: 'ready',
    labels: [],
    links: [],
    dependsOn: [],
    priority: 3,
    scope: { api: ['src/**', 'test/**'] },
  })
})

test('the twin of a form is the command that does the same', () => {
  expect(newTaskTwin({ ...emptyDraft, title: "It's on", repos: ['api'], scope: { api: 'src/**' }, status: 'draft', priority: 1, dependsOn: 'T0001', body: 'one\ntwo' })).toBe(
    String.raw`task new 'It'\''s on' --repo api --body - --scope 'api:src/**' --depends-on T0001 --draft --priority 1`,
  )
  expect(editTaskTwin('T0001', { title: 'New one', baseBranch: { api: 'main' } })).toBe("task edit T0001 --title 'New one' --base-branch api=main")
})
