import { execFileSync } from 'node:child_process'
import { commitAll, git, writeFiles } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { applyEdits, edit, edits, sayEdits, toScript } from './edits.ts'
import { checkRounds } from './invariants.ts'
import { checkedRepo, isDirty, type Branch, type Model } from './model.ts'
import { hasRun, repoName, runAt, sayRun, Step, which } from './step.ts'
import { readRepo, type ModelWorld } from './world.ts'

export const humanEdit = fc.record({ name: repoName, change: edit }).map(({ name, change }) => new Step(`human edits ${name}: ${sayEdits([change])}`, async (model, world) => {
  writeFiles(world.sourceOf(name), { [change.path]: change.content })
  lookAgain(model, world, name)
}))

export const humanCommit = fc.record({ name: repoName, change: edit }).map(({ name, change }) => new Step(`human commits in ${name}: ${sayEdits([change])}`, async (model, world) => {
  writeFiles(world.sourceOf(name), { [change.path]: change.content })
  commitAll(world.sourceOf(name), `Human's own ${model.runs.length}`)
  lookAgain(model, world, name)
}))

export const humanSwitch = fc.record({ name: repoName, to: fc.constantFrom<Branch>('main', 'side') }).map(
  ({ name, to }) =>
    new Step(
      `human switches ${name} to ${to}`,
      async (model, world) => {
        git(world.sourceOf(name), 'switch', '--quiet', to)
        lookAgain(model, world, name)
      },
      ({ repos }) => repos[name] !== undefined && repos[name].on !== to && !isDirty(repos[name]),
    ),
)

export const humanClears = repoName.map((name) => new Step(`human clears ${name}`, async (model, world) => {
  git(world.sourceOf(name), 'reset', '--quiet', '--hard')
  git(world.sourceOf(name), 'clean', '-qfd')
  lookAgain(model, world, name)
}))

export const collect = repoName.map((name) => new Step(`everything loose is collected in ${name} and its vault`, async (model, world) => {
  for (const path of [world.sourceOf(name), ...(model.runs.some((run) => name in run.captured) ? [world.vaultOf(name)] : [])]) execFileSync('sh', ['-c', 'git reflog expire --expire=now --all; git gc --quiet --prune=now'], { cwd: path })
  await checkRounds(model, world)
}))

export const workspaceEdit = fc.record({ back: which, change: edits }).map(({ back, change }) => new Step(`workspace of ${sayRun(back)} edited: ${sayEdits(change)}`, async (model, world) => {
  const run = runAt(model, back)
  if (run.workspace === undefined) return
  execFileSync('sh', ['-c', toScript(change)], { cwd: world.workspaceOf(run.id, checkedRepo) })
  run.workspace = { ...run.workspace, [checkedRepo]: applyEdits(run.workspace[checkedRepo] ?? new Map(), change) }
}, hasRun))

function lookAgain(model: Model, world: ModelWorld, name: string): void {
  model.repos[name] = readRepo(world.sourceOf(name))
}
