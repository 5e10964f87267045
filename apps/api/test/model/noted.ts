import type { MergeResult, RunView } from '@signalbox/core'
import { git } from '@signalbox/testkit'
import { expect } from 'vitest'
import { idOf, type Moves } from './invariants.ts'
import { changedRepos, checkedRepo, differing, predictBlockers, put, type Files, type Model, type RoundModel, type RunModel } from './model.ts'
import { mainOf, needed, needRound } from './step.ts'
import { readTree, type ModelWorld } from './world.ts'

export function addRound(run: RunModel, view: RunView, repos: RoundModel['repos'], { captured, checked }: { readonly captured: boolean; readonly checked: boolean }): void {
  const snapshot = needed(view.snapshots.at(-1))
  expect(snapshot.complete).toBe(true)
  const round: RoundModel = { digest: snapshot.digest, repos, checked: false, waived: new Set() }
  // Where no checked repo changed, no check runs.
  round.checked = checked && changedRepos(round).includes(checkedRepo)
  run.rounds.push(round)
  if (captured) run.captured = Object.fromEntries(Object.entries(repos).map(([name, { files }]) => [name, files]))
}

/** Asks the gate and holds its answer against the model's; returns all its codes. */
export async function askGate(model: Model, world: ModelWorld, run: RunModel): Promise<readonly string[]> {
  const report = await world.human.gate(idOf(run))
  const codes = [...new Set(report.blockers.map(({ code }) => code))].toSorted()
  const predicted = predictBlockers(model, run)
  if (predicted.includes('nothing_changed')) expect(codes).toContain('nothing_changed')
  else expect(codes.filter((code) => code !== 'reverts_landed_work')).toEqual(predicted)
  expect(report.verdict).toBe(codes.length === 0 ? 'mergeable' : codes.includes('nothing_changed') ? 'nothing_to_merge' : 'blocked')
  return codes
}

export function noteApproval(model: Model, run: RunModel): void {
  const round = needRound(run)
  run.approval = { round, heads: Object.fromEntries(changedRepos(round).map((name) => [name, mainOf(model, name).oid])), checked: round.checked, waived: round.waived.size }
}

/** I2, I3: each target went from where it was approved to a child of it, whose tree is the reviewed one. */
export function noteLanding(model: Model, world: ModelWorld, run: RunModel, { state, repos }: MergeResult): Moves {
  const round = needRound(run)
  expect(state).toBe('merged')
  expect(repos.map(({ repo }) => repo as string).toSorted(), 'all changed repos land, and no other').toEqual(changedRepos(round).toSorted())
  run.landed = { repos: Object.fromEntries(repos.map(({ repo, to }) => [repo, { from: { ...mainOf(model, repo) }, to }])), undone: false }
  return Object.fromEntries(
    repos.map(({ repo, branch, from, to }) => {
      expect({ branch, from }, `${repo} moved from the approved head (I2)`).toEqual({ branch: 'main', from: run.approval?.heads[repo] })
      const source = world.sourceOf(repo)
      expect(git(source, 'rev-list', '--parents', '-1', to).split(' ')[1]).toBe(from)
      const files = readTree(source, to)
      expect(files, `${repo} holds the reviewed tree (I3)`).toEqual(round.repos[repo]?.files)
      return [repo, moveMain(model, repo, { oid: to, files })]
    }),
  )
}

/** Moves the target, and what is checked out of it; returns the paths in which the checkout changed. */
export function moveMain(model: Model, name: string, to: { readonly oid: string; readonly files: Files }): readonly string[] {
  const repo = needed(model.repos[name])
  const changed = differing(repo.branches.main.files, to.files)
  repo.branches.main = { ...to }
  if (repo.on !== 'main') return []
  const work = new Map(repo.work)
  for (const path of changed) put(work, path, to.files.get(path))
  repo.work = work
  return changed
}
