import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, ControlError, exit, exitCodes, gateReportSchema, parseRunId, type ErrorCode, type RunId } from '@signalbox/core'
import { git } from '@signalbox/testkit'
import { expect } from 'vitest'
import { count, differing, type Model, type RunModel } from './model.ts'
import { fingerprintAll, readRepo, readTree, repoNames, type ModelWorld } from './world.ts'

/** What an act may change in a source: its target branch, and these files when that is checked out. */
export type Moves = Readonly<Record<string, readonly string[]>>

/** What git itself keeps beside a branch it moves in a checkout. */
const besideBranch = ['.git/ORIG_HEAD', '.git/index', '.git/logs/HEAD', '.git/logs/refs/heads/main', 'refs/heads/main']

/**
 * I1, I2: runs an act of the product, which returns what it had leave to move; nothing else of the sources differs
 * afterwards, and what lies there is what the model says, to the byte.
 */
export async function keepingSources(model: Model, world: ModelWorld, act: () => Promise<Moves>): Promise<void> {
  const before = fingerprintAll(world)
  const moves = await act()
  const after = fingerprintAll(world)
  for (const name of repoNames) {
    const [was, is] = [new Map(Object.entries(before[name] ?? {})), new Map(Object.entries(after[name] ?? {}))]
    const leave = name in moves ? [...besideBranch, ...(moves[name] ?? [])] : []
    expect(differing(was, is).filter((path) => !leave.includes(path)), `${name} is as its human left it (I1)`).toEqual([])
    if (leave.length > 0 || differing(was, is).length > 0) expect(readRepo(world.sourceOf(name)), `${name} holds what the model says (I1, I2)`).toEqual(model.repos[name])
  }
}

/** I8: a refusal has a code, a cause that says what it is about, and a next step; anything else that is thrown fails the test. */
export async function attempt<T>(model: Model, name: string, act: () => Promise<T>): Promise<{ readonly value: T; readonly code?: undefined } | { readonly code: ErrorCode }> {
  try {
    const value = await act()
    count(model, `${name}: done`)
    return { value }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined || !(error instanceof ControlError)) throw error
    expect([exit.refused, exit.notFound], `${code} is a refusal, not a failure: ${error.message} (I8)`).toContain(exitCodes[code])
    expect(error.message, 'a refusal names what it is about (I8)').toMatch(/[RT]\d{4}|api|web/)
    expect(error.hint, `a refusal says what to do next: ${error.message} (I8)`).toMatch(/\w+ \w+/)
    const { report } = error.data ?? {}
    for (const blocker of report === undefined ? [] : gateReportSchema.parse(report).blockers) expect(blocker.remedy.sentence, `${blocker.code} says what to do next (I8)`).toMatch(/\w+ \w+/)
    count(model, `${name}: ${code}`)
    return { code }
  }
}

/** I4, I7: a run that ended has a round or says why not, and none of its processes lives. */
export async function checkEnded(world: ModelWorld, id: RunId): Promise<void> {
  const { events } = await world.human.readEvents(id)
  expect(events.filter(({ type }) => type === 'round.sealed' || type === 'seal.failed'), `${id} has a round or a reason (I4)`).not.toEqual([])
  expect(events.at(-1)?.type).toBe('run.ended')
  expect(findAgents(world), `no process of ${id} lives (I7)`).toEqual([])
}

/** Ids of the processes that carry the tag of a run of this world. */
function findAgents({ dir }: ModelWorld): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid) && isAgent(pid, dir))
}

function isAgent(pid: string, dir: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    return environment.includes('SIGNALBOX_RUN_TAG=') && environment.includes(dir)
  } catch {
    return false // It ended meanwhile, or is another user's.
  }
}

/** I5: every round still reads as it did when it was sealed, and its tree is what the model says. */
export async function checkRounds(model: Model, world: ModelWorld): Promise<void> {
  for (const run of model.runs) {
    const { snapshots } = await world.human.readRun(idOf(run))
    expect(snapshots.map(({ digest }) => digest), `the rounds of ${run.id} are those that were sealed (I5)`).toEqual(run.rounds.map(({ digest }) => digest))
    for (const [index, round] of run.rounds.entries()) {
      const { repos } = await world.human.diff(idOf(run), { round: index + 1 })
      for (const { repo, commit, base } of snapshots[index]?.repos ?? []) {
        const said = round.repos[repo]
        if (said === undefined) throw new TypeError(`${run.id} has no repo ${repo}`)
        expect(base).toBe(said.base)
        expect(readTree(world.vaultOf(repo), commit), `round ${index + 1} of ${run.id} in ${repo} (I5)`).toEqual(said.files)
        expect(repos.find((one) => one.repo === repo)?.files.map(({ path }) => path).toSorted()).toEqual(differing(said.baseFiles, said.files))
      }
    }
  }
}

/** I6: the index says what a rebuild from the Markdown says, and no work of ours in the memory repo is left uncommitted. */
export async function checkIndex(world: ModelWorld): Promise<void> {
  const words = ['work', 'run', 'merged', 'T0001', 'next']
  const read = async (): Promise<unknown> => ({ rows: readIndex(world), found: await Promise.all(words.map((word) => world.human.search(word, { limit: 200 }))) })
  await world.human.search('work') // brings the index up to date
  const before = await read()
  await world.human.rebuildIndex()
  expect(await read(), 'the index is what a rebuild gives (I6)').toEqual(before)
  expect(git(world.memory, 'status', '--porcelain'), 'all that was written to memory is committed').toBe('')
}

/** Rows of the index without what only says where and when a record was read. */
function readIndex({ dir }: ModelWorld): unknown {
  const [file] = readdirSync(join(dir, 'state'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('index.sqlite'))
  if (file === undefined) throw new Error('there is no index')
  const database = new DatabaseSync(join(dir, 'state', file), { readOnly: true })
  try {
    return [
      database.prepare('select path, kind, quarantined, id, title, status, at from records order by path').all(),
      database.prepare('select path, target, relation from edges join records using (place) order by path, target, relation').all(),
    ]
  } finally {
    database.close()
  }
}

export function idOf({ id }: Pick<RunModel, 'id'>): RunId {
  const parsed = parseRunId(id)
  if (parsed === undefined) throw new TypeError(`${id} is no run`)
  return parsed
}
