import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { differences, fingerprints, type Fingerprints } from './compare.ts'
import { runForm, taskForm } from './contract.ts'
import { stateFolderOf } from './state-folder.ts'
import { listPaths } from './path-list.ts'
import { readRecordedEvents } from './record.ts'
import type { ThreeTarget, ThreeTargets } from './three-targets.ts'
import type { World } from './world.ts'

/** What was wrong after a recovery, by the promise it breaks; empty lists mean that every promise was kept. */
export interface Faults {
  readonly landing: readonly string[]
  readonly bytes: readonly string[]
  readonly leftovers: readonly string[]
  readonly soundness: readonly string[]
  readonly afterwards: readonly string[]
}

/** How everything was before the landing. */
export interface Stock {
  readonly prints: Fingerprints
  /** `git status` of every checkout. */
  readonly statuses: Readonly<Record<string, string>>
  /** Every path that may lie in a git directory, in the memory repo or in the state folder. */
  readonly paths: ReadonlySet<string>
}

/** Writes down how everything is now. */
export function takeStock(world: World, { targets }: ThreeTargets): Stock {
  const checkouts = targets.flatMap((target) => target.checkouts)
  return {
    prints: fingerprints(checkouts),
    statuses: Object.fromEntries(checkouts.map((checkout) => [checkout, statusOf(checkout)])),
    paths: listPaths(world.dir, [...targets.map(({ source }) => join(source, '.git')), world.memory, world.state]),
  }
}

/** Lets the next two commands recover, and returns everything that is not as promised. */
export async function findFaults(world: World, three: ThreeTargets, before: Stock): Promise<{ readonly merged: boolean; readonly faults: Omit<Faults, 'afterwards'> }> {
  const { run, targets } = three
  const { merge } = await world.ask(runForm, ['show', run.id])
  const { status } = await world.ask(taskForm, ['task', 'edit', run.task, '--priority', '2'])
  const merged = merge.state === 'merged'
  const after = takeStock(world, three)
  return {
    merged,
    faults: {
      landing: [...findLandingFaults(three, merge.state), ...findRecordFaults(world, three, merged), ...(status === (merged ? 'done' : 'review') ? [] : [`the task is ${status}`])],
      bytes: targets.flatMap((target) => target.checkouts.flatMap((checkout) => findTouched(target, merged, differences(before.prints[checkout] ?? {}, after.prints[checkout] ?? {})).map((name) => `${checkout}: ${name}`))),
      leftovers: [...after.paths].filter((path) => !before.paths.has(path)).toSorted(),
      soundness: findUnsound(world, three, before, after),
    },
  }
}

/** All three at the approved tree on top of the base, or all three at the base. */
function findLandingFaults({ targets }: ThreeTargets, state: string): readonly string[] {
  if (state !== 'merged' && state !== 'approved') return [`the landing is ${state}`]
  return targets.flatMap(({ repo, source, base, tree }) => {
    const [now, then] = state === 'merged' ? [git(source, 'rev-parse', 'main^{tree}', 'main^1').replace('\n', ' '), `${tree} ${base}`] : [git(source, 'rev-parse', 'main'), base]
    return now === then ? [] : [`${state}, but main of ${repo} is ${now} and not ${then}`]
  })
}

/** The record in the memory repo, as whoever clones it reads it. */
function findRecordFaults(world: World, { run }: ThreeTargets, merged: boolean): readonly string[] {
  const last = readRecordedEvents(world, run.id).findLast(({ type }) => type.startsWith('merge.'))?.type
  return (last === 'merge.published') === merged ? [] : [`the memory repo records ${last} as the last event of a landing that ${merged ? 'is' : 'is not'} merged`]
}

/** Names of what differs and may not: the landing writes its own paths, the branch, and git's notes about both. */
function findTouched({ changed }: ThreeTarget, merged: boolean, differing: readonly string[]): readonly string[] {
  const notes = /(^|\/)(index|logs\/HEAD|logs\/refs\/heads\/main)$/
  if (!merged) return differing.filter((name) => !notes.test(name))
  return differing.filter((name) => !notes.test(name) && !changed.has(name) && name !== 'refs/heads/main' && !name.endsWith('/ORIG_HEAD'))
}

function findUnsound(world: World, { targets }: ThreeTargets, before: Stock, after: Stock): readonly string[] {
  const repositories = [world.memory, ...targets.map(({ source }) => source), ...vaultsOf(world)]
  const checkouts = Object.keys(before.statuses).filter((checkout) => before.statuses[checkout] !== after.statuses[checkout])
  return [
    ...repositories.flatMap(findBroken),
    ...checkouts.map((checkout) => `git status of ${checkout} says ${JSON.stringify(after.statuses[checkout])}`),
    ...(statusOf(world.memory) === '' ? [] : [`the memory repo is not committed: ${statusOf(world.memory)}`]),
  ]
}

function findBroken(repository: string): readonly string[] {
  try {
    git(repository, 'fsck', '--no-dangling', '--no-progress')
    return []
  } catch (error) {
    return [String(error)]
  }
}

function vaultsOf(world: World): readonly string[] {
  const folder = join(stateFolderOf(world), 'vaults')
  return readdirSync(folder).map((name) => join(folder, name))
}

function statusOf(checkout: string): string {
  return git(checkout, '--no-optional-locks', 'status', '--porcelain', '--untracked-files=all', '--ignored')
}
