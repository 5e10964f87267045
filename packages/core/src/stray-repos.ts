import type { Task } from './records.ts'

type Targets = Pick<Task, 'repos' | 'scope' | 'baseBranch'>

/** Says which repos a task's scope or map of branches names beside its own: what is meant there would hold for none. Undefined when there are none. */
export function sayStrayRepos({ repos, scope = {}, baseBranch }: Targets): string | undefined {
  const stray = (map: object): readonly string[] => Object.keys(map).filter((name) => !repos.some((repo) => repo === name))
  const [inScope, inBranches] = [stray(scope), typeof baseBranch === 'object' ? stray(baseBranch) : []]
  const said = [...(inScope.length === 0 ? [] : [`the scope names ${inScope.join(', ')}`]), ...(inBranches.length === 0 ? [] : [`the base branches name ${inBranches.join(', ')}`])]
  return said.length === 0 ? undefined : `${said.join(' and ')}, and the task is about ${repos.length === 0 ? 'no repo' : `${repos.join(', ')} only`}`
}
