import { count } from './amounts.ts'
import type { GateFacts, RepoFacts } from './gate-facts.ts'
import { sayStep, stepsOf } from './gate-keep.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'

/** Returns what one changed repo touches outside the task's scope; where its commits are kept, also what one of them touched and another took back. */
export function findScopeBlockers(facts: GateFacts, repo: RepoFacts): Blocker[] {
  const { repo: name, offScope } = repo
  const commits = stepsOf(facts, repo).flatMap(({ commit, offScope: touched }) => {
    const paths = touched.filter((path) => !offScope.includes(path))
    return paths.length === 0 ? [] : [{ commit, paths }]
  })
  const paths = [...new Set([...offScope, ...commits.flatMap((step) => step.paths)])]
  if (paths.length === 0) return []
  const named = [...offScope, ...commits.flatMap((step) => step.paths.map((path) => `${path} in ${sayStep(step.commit)}`))]
  return [
    block('scope_exceeded', name, `${name} changes ${count(paths.length, 'path')} outside the task's scope: ${nameUpTo5(named)}`, { paths, ...(commits.length === 0 ? {} : { commits }) }, {
      sentence: 'Start a new run that keeps to the scope, or one for a task with a wider scope',
    }),
  ]
}
