import { expect, it } from 'vitest'
import { api, main, web } from '../test/facts.ts'
import { sayStrayRepos } from './stray-repos.ts'

it('says which repos a scope and branches name that a task is not about', () => {
  expect(sayStrayRepos({ repos: [api], scope: { [api]: ['src/**'] }, baseBranch: { [api]: main } })).toBeUndefined()
  expect(sayStrayRepos({ repos: [], baseBranch: main })).toBeUndefined()
  expect(sayStrayRepos({ repos: [api], scope: { [web]: ['src/**'] } })).toBe('the scope names web, and the task is about api only')
  expect(sayStrayRepos({ repos: [], scope: { [web]: [] }, baseBranch: { [web]: main } })).toBe('the scope names web and the base branches name web, and the task is about no repo')
})
