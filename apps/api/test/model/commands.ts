import { execFileSync } from 'node:child_process'
import { taskIdSchema, type MergeResult, type RunView, type WaivableCode } from '@signalbox/core'
import { commitAll, git, writeFiles } from '@signalbox/testkit'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { attempt, checkEnded, checkRounds, idOf, keepingSources, type Moves } from './invariants.ts'
import { blobId, brokenPath, carryOver, changedRepos, checkedRepo, count, differing, ignoredPath, isDirty, latest, predictBlockers, put, stopping, type Branch, type Files, type Model, type RoundModel, type RunModel } from './model.ts'
import { readRepo, readTree, repoNames, type ModelWorld } from './world.ts'

/** Whole files that somebody writes, or deletes. */
interface Edit {
  readonly path: string
  readonly content: string | null
}

class Step implements fc.AsyncCommand<Model, ModelWorld> {
  readonly name: string
  readonly can: (model: Model) => boolean
  readonly act: (model: Model, world: ModelWorld) => Promise<void>

  constructor(name: string, act: Step['act'], can: Step['can'] = () => true) {
    this.name = name
    this.act = act
    this.can = can
  }

  check(model: Model): boolean {
    return this.can(model)
  }

  async run(model: Model, world: ModelWorld): Promise<void> {
    await this.act(model, world)
    count(model, 'steps')
  }

  toString(): string {
    return this.name
  }
}

const repoName = fc.constantFrom(...repoNames)
/** Which run an act is about, counted from the last. */
const which = fc.nat(2)
const edit: fc.Arbitrary<Edit> = fc.record({ path: fc.constantFrom('a.txt', 'b.txt', 'dir/c.txt', 'new.txt', 'a.txt', 'b.txt', 'dir/c.txt', 'new.txt', brokenPath, ignoredPath), content: fc.option(fc.nat(30), { freq: 4 }) }).map(({ path, content }) => ({ path, content: content === null ? null : `${content} in ${path}\n` }))
const edits = fc.uniqueArray(edit, { minLength: 1, maxLength: 2, selector: ({ path }) => path })

function sayEdits(all: readonly Edit[]): string {
  return all.map(({ path, content }) => (content === null ? `-${path}` : `${path}=${content.split(' ')[0]}`)).join(' ')
}

function applyEdits(files: Files, all: readonly Edit[]): Files {
  const result = new Map(files)
  for (const { path, content } of all) put(result, path, content === null ? undefined : blobId(content))
  return result
}

/** An agent adds also what is ignored, which makes it a part of its work. */
function toScript(all: readonly Edit[]): string {
  return all.map(({ path, content }) => (content === null ? `rm -f '${path}'` : `mkdir -p dir; printf '${content.trim()}\\n' > '${path}'${path === ignoredPath ? `; git add -f '${path}'` : ''}`)).join('\n')
}

const startRun = fc.record({ both: fc.boolean(), changes: edits, elsewhere: edits, ending: fc.constantFrom('exit 0', 'exit 0', 'exit 0', 'exit 0', 'exit 0', 'exit 3', 'git add -A; git commit -qm mine', 'sleep 300 >/dev/null 2>&1 & exit 0', 'setsid sleep 300 & kill -9 $$') }).map(
  ({ both, changes, elsewhere, ending }) =>
    new Step(`run in ${both ? 'both' : checkedRepo}: ${sayEdits(changes)}${both ? ` | ${sayEdits(elsewhere)}` : ''}; ${ending}`, async (model, world) => {
      const [first, second] = repoNames
      const names = both ? repoNames : [first]
      const script = both ? `cd ${first}\n${toScript(changes)}\ncd ../${second}\n${toScript(elsewhere)}\n${ending}` : `${toScript(changes)}\n${ending}`
      const bases = Object.fromEntries(names.map((name) => [name, mainOf(model, name)]))
      const files = Object.fromEntries(names.map((name) => [name, applyEdits(mainOf(model, name).files, name === first ? changes : elsewhere)]))
      await keepingSources(model, world, async () => {
        const id = await world.runScript(await openTask(model, world, names), script)
        await checkEnded(world, id)
        const run: RunModel = { id, task: (await world.human.readRun(id)).task, rounds: [], workspace: files, captured: {}, approval: undefined, rejected: false, landed: undefined }
        model.runs.push(run)
        const view = await world.human.readRun(id)
        count(model, `run: ${view.outcome}`)
        addRound(run, view, Object.fromEntries(names.map((name) => [name, { base: bases[name]?.oid ?? '', baseFiles: bases[name]?.files ?? new Map(), files: files[name] ?? new Map() }])), { captured: true, checked: view.outcome === 'completed' })
        return {}
      })
    }),
)

const humanEdit = fc.record({ name: repoName, change: edit }).map(({ name, change }) => new Step(`human edits ${name}: ${sayEdits([change])}`, async (model, world) => {
  writeFiles(world.sourceOf(name), { [change.path]: change.content })
  lookAgain(model, world, name)
}))

const humanCommit = fc.record({ name: repoName, change: edit }).map(({ name, change }) => new Step(`human commits in ${name}: ${sayEdits([change])}`, async (model, world) => {
  writeFiles(world.sourceOf(name), { [change.path]: change.content })
  commitAll(world.sourceOf(name), `Human's own ${model.runs.length}`)
  lookAgain(model, world, name)
}))

const humanSwitch = fc.record({ name: repoName, to: fc.constantFrom<Branch>('main', 'side') }).map(
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

const humanClears = repoName.map((name) => new Step(`human clears ${name}`, async (model, world) => {
  git(world.sourceOf(name), 'reset', '--quiet', '--hard')
  git(world.sourceOf(name), 'clean', '-qfd')
  lookAgain(model, world, name)
}))

const collect = repoName.map((name) => new Step(`everything loose is collected in ${name} and its vault`, async (model, world) => {
  for (const path of [world.sourceOf(name), ...(model.runs.some((run) => name in run.captured) ? [world.vaultOf(name)] : [])]) execFileSync('sh', ['-c', 'git reflog expire --expire=now --all; git gc --quiet --prune=now'], { cwd: path })
  await checkRounds(model, world)
}))

const workspaceEdit = fc.record({ back: which, change: edits }).map(({ back, change }) => new Step(`workspace of ${sayRun(back)} edited: ${sayEdits(change)}`, async (model, world) => {
  const run = runAt(model, back)
  if (run.workspace === undefined) return
  execFileSync('sh', ['-c', toScript(change)], { cwd: world.workspaceOf(run.id, checkedRepo) })
  run.workspace = { ...run.workspace, [checkedRepo]: applyEdits(run.workspace[checkedRepo] ?? new Map(), change) }
}, hasRun))

const seal = which.map((back) => ofRun('seal', back, async (model, world, run) => {
  const { code } = await attempt(model, 'seal', () => world.human.sealRun(idOf(run)))
  const refusal = run.landed?.undone === false ? 'run.already_merged' : undefined
  if (run.workspace === undefined) expect(code).toBeDefined()
  else expect(code).toBe(refusal)
  if (code !== undefined) return {}
  const view = await world.human.readRun(idOf(run))
  const round = needRound(run)
  if (view.snapshots.length > run.rounds.length) {
    const bases = basesOfRun(run)
    addRound(run, view, Object.fromEntries(Object.entries(run.workspace ?? {}).map(([name, files]) => [name, { ...needed(bases[name]), files }])), { captured: true, checked: true })
  } else round.checked = true
  return {}
}))

const check = which.map((back) => ofRun('check', back, async (model, world, run) => {
  await world.human.checkRun(idOf(run))
  needRound(run).checked = true
  return {}
}))

const gate = which.map((back) => ofRun('gate', back, async (model, world, run) => {
  await askGate(model, world, run)
  return {}
}))

const waive = fc.record({ back: which, code: fc.constantFrom<WaivableCode>('checks_failed', 'checks_missing', 'checks_stale') }).map(({ back, code: waived }) => ofRun(`waive ${waived} of`, back, async (model, world, run) => {
  const codes = await askGate(model, world, run)
  const { code } = await attempt(model, 'waive', () => world.human.waive(idOf(run), { code: waived, because: 'the model says so' }))
  if (run.landed?.undone === false) expect(code).toBe('run.already_merged')
  else expect(code).toBe(codes.includes(waived) ? undefined : 'waiver.not_needed')
  if (code === undefined) needRound(run).waived.add(waived)
  return {}
}))

const approve = which.map((back) => ofRun('approve', back, async (model, world, run) => {
  const stops = stopping(await askGate(model, world, run), 'approve')
  const { code } = await attempt(model, 'approve', () => world.human.approve(idOf(run)))
  expect(code, `an approval while ${stops.join(', ') || 'nothing'} blocks`).toBe(run.landed?.undone === false ? 'run.already_merged' : stops.length > 0 ? 'gate.blocked' : undefined)
  if (code === undefined) noteApproval(model, run)
  return {}
}))

const merge = fc.record({ back: which, approving: fc.constantFrom(true, true, true, false), strategy: fc.constantFrom('squash' as const, 'merge' as const) }).map(({ back, approving, strategy }) => ofRun(`${approving ? 'approve and merge' : 'merge'} (${strategy})`, back, async (model, world, run) => {
  const codes = await askGate(model, world, run)
  const stops = stopping(codes, approving ? 'approve and merge' : 'merge')
  const answer = await attempt(model, 'merge', () => world.human.merge(idOf(run), { approve: approving, strategy }))
  expect(answer.code, `a merge while ${stops.join(', ') || 'nothing'} blocks`).toBe(run.landed?.undone === false ? 'run.already_merged' : stops.length > 0 ? 'gate.blocked' : undefined)
  if (approving && stopping(codes, 'approve').length === 0) noteApproval(model, run)
  return answer.code === undefined ? noteLanding(model, world, run, answer.value) : {}
}))

const undo = which.map((back) => ofRun('undo', back, async (model, world, run) => {
  const { landed } = run
  const { code } = await attempt(model, 'undo', () => world.human.undo(idOf(run)))
  if (landed === undefined || landed.undone) {
    expect(code).toBe('run.not_merged')
    return {}
  }
  const repos = Object.entries(landed.repos).map(([name, moved]) => ({ name, moved, repo: needed(model.repos[name]) }))
  const isBuiltOn = repos.some(({ repo, moved }) => repo.branches.main.oid !== moved.to)
  const isClear = repos.every(({ repo, moved }) => repo.on !== 'main' || (!isDirty(repo) && !(repo.work.has(ignoredPath) && !repo.branches.main.files.has(ignoredPath) && moved.from.files.has(ignoredPath))))
  if (isBuiltOn) expect(code, 'what was built on top stays').toBe('undo.refused')
  else if (isClear) expect(code, 'nothing stands in the way of an undo').toBeUndefined()
  if (code !== undefined) return {}
  landed.undone = true
  run.approval = undefined
  return Object.fromEntries(repos.map(({ name, moved }) => [name, moveMain(model, name, moved.from)]))
}))

const refresh = which.map((back) => ofRun('refresh', back, async (model, world, run) => {
  const round = needRound(run)
  const carried = Object.entries(round.repos).map(([name, saved]) => ({ name, saved, main: mainOf(model, name), files: carryOver(saved.baseFiles, saved.files, mainOf(model, name).files) }))
  const { code } = await attempt(model, 'refresh', () => world.human.refresh(idOf(run)))
  const moved = carried.filter(({ saved, main }) => saved.base !== main.oid)
  const refusal = moved.length === 0 ? 'refresh.not_needed' : moved.some(({ files }) => files === undefined) ? 'refresh.conflict' : undefined
  expect(code).toBe(run.landed?.undone === false ? 'run.already_merged' : refusal)
  if (code === undefined) addRound(run, await world.human.readRun(idOf(run)), Object.fromEntries(carried.map(({ name, saved, main, files }) => [name, saved.base === main.oid ? saved : { base: main.oid, baseFiles: main.files, files: needed(files) }])), { captured: false, checked: true })
  return {}
}))

const reject = which.map((back) => ofRun('reject', back, async (model, world, run) => {
  const { code } = await attempt(model, 'reject', () => world.human.reject(idOf(run), { because: 'the model says so' }))
  expect(code).toBe(run.landed?.undone === false ? 'run.already_merged' : undefined)
  if (code === undefined) run.approval = undefined
  return {}
}))

const look = which.map((back) => ofRun('look at', back, async (model, world, run) => {
  await world.human.diff(idOf(run))
  await world.human.forecast()
  if (readableInMain(model, 'b.txt')) await world.human.why({ repo: checkedRepo, path: 'b.txt', line: 1 })
  return {}
}))

const clean = fc.boolean().map((unlanded) => new Step(`clean${unlanded ? ' unlanded too' : ''}`, async (model, world) => keepingSources(model, world, async () => {
  await world.human.clean({ unlanded })
  for (const run of model.runs) {
    const { workspace } = await world.human.readRun(idOf(run))
    if (workspace === null) run.workspace = undefined
  }
  await checkRounds(model, world)
  return {}
})))

const repair = fc.constant(new Step('doctor --fix', async (model, world) => keepingSources(model, world, async () => {
  const { diagnoses } = await world.human.doctor({ fix: true })
  expect(diagnoses.filter(({ state }) => state === 'problem')).toEqual([])
  return {}
})))

const restart = fc.constant(new Step('restart', async (model, world) => keepingSources(model, world, async () => {
  await world.restart()
  return {}
})))

type Steps = Iterable<fc.AsyncCommand<Model, ModelWorld>>

/**
 * Sequences of what humans and the product do. They begin with a run, and runs and landings come up more often, for without
 * them the rest has nothing to act on; as many are long as are short.
 */
export function sequences(longest: number): fc.Arbitrary<readonly [first: Step, rest: Steps]> {
  const often = [startRun, startRun, startRun, startRun, merge, merge, merge, merge, merge, humanClears]
  const all = [...often, humanEdit, humanCommit, humanSwitch, humanClears, collect, workspaceEdit, seal, check, gate, waive, approve, undo, undo, refresh, refresh, reject, look, clean, repair, restart]
  return fc.noBias(fc.tuple(startRun, fc.commands(all, { maxCommands: longest - 1, size: 'max' })))
}

/** The task of these repos to work on next: a new one once the last is done, which takes no run any more. */
async function openTask(model: Model, world: ModelWorld, names: readonly string[]): Promise<string> {
  const id = model.tasks.findLast((task) => task.repos.length === names.length)?.id
  const { status } = await world.human.readTask(taskIdSchema.parse(id))
  expect(status === 'done', `${id} is ${status}`).toBe(model.runs.some((run) => run.task === id && run.landed?.undone === false))
  if (status !== 'done') return needed(id)
  expect((await attempt(model, 'run', () => world.human.startRun(taskIdSchema.parse(id), { agent: 'shell', argv: ['true'] }))).code).toBe('task.closed')
  const task = await world.human.createTask({ title: `Work again in ${names.join(' and ')}`, repos: [...names] })
  model.tasks.push({ id: task.id, repos: names })
  return task.id
}

function ofRun(verb: string, back: number, act: (model: Model, world: ModelWorld, run: RunModel) => Promise<Moves>): Step {
  return new Step(`${verb} ${sayRun(back)}`, async (model, world) => keepingSources(model, world, () => act(model, world, runAt(model, back))), hasRun)
}

function sayRun(back: number): string {
  return back === 0 ? 'the last run' : `run ${back} before the last`
}

/** Whether a file can be asked about, where `why` looks: in what is checked out. */
function readableInMain({ repos }: Model, path: string): boolean {
  const repo = needed(repos[checkedRepo])
  return repo.on === 'main' && !isDirty(repo) && repo.branches.main.files.has(path)
}

function hasRun({ runs }: Model): boolean {
  return runs.length > 0
}

function runAt({ runs }: Model, back: number): RunModel {
  return needed(runs[Math.max(0, runs.length - 1 - back)])
}

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the model lacks something it needs')
  return value
}

function needRound(run: RunModel): RoundModel {
  return needed(latest(run))
}

function mainOf({ repos }: Model, name: string): { readonly oid: string; readonly files: Files } {
  return needed(repos[name]).branches.main
}

/** What the run began on, which captured rounds are always against. */
function basesOfRun(run: RunModel): Readonly<Record<string, { readonly base: string; readonly baseFiles: Files }>> {
  return needed(run.rounds[0]).repos
}

function lookAgain(model: Model, world: ModelWorld, name: string): void {
  model.repos[name] = readRepo(world.sourceOf(name))
}

function addRound(run: RunModel, view: RunView, repos: RoundModel['repos'], { captured, checked }: { readonly captured: boolean; readonly checked: boolean }): void {
  const snapshot = needed(view.snapshots.at(-1))
  expect(snapshot.complete).toBe(true)
  const round: RoundModel = { digest: snapshot.digest, repos, checked: false, waived: new Set() }
  // Where no checked repo changed, no check runs.
  round.checked = checked && changedRepos(round).includes(checkedRepo)
  run.rounds.push(round)
  if (captured) run.captured = Object.fromEntries(Object.entries(repos).map(([name, { files }]) => [name, files]))
}

/** Asks the gate and holds its answer against the model's; returns all its codes. */
async function askGate(model: Model, world: ModelWorld, run: RunModel): Promise<readonly string[]> {
  const report = await world.human.gate(idOf(run))
  const codes = [...new Set(report.blockers.map(({ code }) => code))].toSorted()
  const predicted = predictBlockers(model, run)
  if (predicted.includes('nothing_changed')) expect(codes).toContain('nothing_changed')
  else expect(codes.filter((code) => code !== 'reverts_landed_work')).toEqual(predicted)
  expect(report.verdict).toBe(codes.length === 0 ? 'mergeable' : codes.includes('nothing_changed') ? 'nothing_to_merge' : 'blocked')
  return codes
}

function noteApproval(model: Model, run: RunModel): void {
  const round = needRound(run)
  run.approval = { round, heads: Object.fromEntries(changedRepos(round).map((name) => [name, mainOf(model, name).oid])), checked: round.checked, waived: round.waived.size }
}

/** I2, I3: each target went from where it was approved to a child of it, whose tree is the reviewed one. */
function noteLanding(model: Model, world: ModelWorld, run: RunModel, { state, repos }: MergeResult): Moves {
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
function moveMain(model: Model, name: string, to: { readonly oid: string; readonly files: Files }): readonly string[] {
  const repo = needed(model.repos[name])
  const changed = differing(repo.branches.main.files, to.files)
  repo.branches.main = { ...to }
  if (repo.on !== 'main') return []
  const work = new Map(repo.work)
  for (const path of changed) put(work, path, to.files.get(path))
  repo.work = work
  return changed
}
