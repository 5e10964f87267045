import { taskIdSchema, type WaivableCode } from '@signalbox/core'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { applyEdits, edits, sayEdits, toScript } from './edits.ts'
import { attempt, checkEnded, checkRounds, idOf, keepingSources } from './invariants.ts'
import { carryOver, checkedRepo, count, ignoredPath, isDirty, stopping, type Files, type Model, type RunModel } from './model.ts'
import { addRound, askGate, moveMain, noteApproval, noteLanding } from './noted.ts'
import { mainOf, needed, needRound, ofRun, Step, which } from './step.ts'
import { repoNames, type ModelWorld } from './world.ts'

export const startRun = fc.record({ both: fc.boolean(), changes: edits, elsewhere: edits, ending: fc.constantFrom('exit 0', 'exit 0', 'exit 0', 'exit 0', 'exit 0', 'exit 3', 'git add -A; git commit -qm mine', 'sleep 300 >/dev/null 2>&1 & exit 0', 'setsid sleep 300 & kill -9 $$') }).map(
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

export const seal = which.map((back) => ofRun('seal', back, async (model, world, run) => {
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

export const check = which.map((back) => ofRun('check', back, async (model, world, run) => {
  await world.human.checkRun(idOf(run))
  needRound(run).checked = true
  return {}
}))

export const gate = which.map((back) => ofRun('gate', back, async (model, world, run) => {
  await askGate(model, world, run)
  return {}
}))

export const waive = fc.record({ back: which, code: fc.constantFrom<WaivableCode>('checks_failed', 'checks_missing', 'checks_stale') }).map(({ back, code: waived }) => ofRun(`waive ${waived} of`, back, async (model, world, run) => {
  const codes = await askGate(model, world, run)
  const { code } = await attempt(model, 'waive', () => world.human.waive(idOf(run), { code: waived, because: 'the model says so' }))
  if (run.landed?.undone === false) expect(code).toBe('run.already_merged')
  else expect(code).toBe(codes.includes(waived) ? undefined : 'waiver.not_needed')
  if (code === undefined) needRound(run).waived.add(waived)
  return {}
}))

export const approve = which.map((back) => ofRun('approve', back, async (model, world, run) => {
  const stops = stopping(await askGate(model, world, run), 'approve')
  const { code } = await attempt(model, 'approve', () => world.human.approve(idOf(run)))
  expect(code, `an approval while ${stops.join(', ') || 'nothing'} blocks`).toBe(run.landed?.undone === false ? 'run.already_merged' : stops.length > 0 ? 'gate.blocked' : undefined)
  if (code === undefined) noteApproval(model, run)
  return {}
}))

export const merge = fc.record({ back: which, approving: fc.constantFrom(true, true, true, false), strategy: fc.constantFrom('squash' as const, 'merge' as const) }).map(({ back, approving, strategy }) => ofRun(`${approving ? 'approve and merge' : 'merge'} (${strategy})`, back, async (model, world, run) => {
  const codes = await askGate(model, world, run)
  const stops = stopping(codes, approving ? 'approve and merge' : 'merge')
  const answer = await attempt(model, 'merge', () => world.human.merge(idOf(run), { approve: approving, strategy }))
  expect(answer.code, `a merge while ${stops.join(', ') || 'nothing'} blocks`).toBe(run.landed?.undone === false ? 'run.already_merged' : stops.length > 0 ? 'gate.blocked' : undefined)
  if (approving && stopping(codes, 'approve').length === 0) noteApproval(model, run)
  return answer.code === undefined ? noteLanding(model, world, run, answer.value) : {}
}))

export const undo = which.map((back) => ofRun('undo', back, async (model, world, run) => {
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

export const refresh = which.map((back) => ofRun('refresh', back, async (model, world, run) => {
  const round = needRound(run)
  const carried = Object.entries(round.repos).map(([name, saved]) => ({ name, saved, main: mainOf(model, name), files: carryOver(saved.baseFiles, saved.files, mainOf(model, name).files) }))
  const { code } = await attempt(model, 'refresh', () => world.human.refresh(idOf(run)))
  const moved = carried.filter(({ saved, main }) => saved.base !== main.oid)
  const refusal = moved.length === 0 ? 'refresh.not_needed' : moved.some(({ files }) => files === undefined) ? 'refresh.conflict' : undefined
  expect(code).toBe(run.landed?.undone === false ? 'run.already_merged' : refusal)
  if (code === undefined) addRound(run, await world.human.readRun(idOf(run)), Object.fromEntries(carried.map(({ name, saved, main, files }) => [name, saved.base === main.oid ? saved : { base: main.oid, baseFiles: main.files, files: needed(files) }])), { captured: false, checked: true })
  return {}
}))

export const reject = which.map((back) => ofRun('reject', back, async (model, world, run) => {
  const { code } = await attempt(model, 'reject', () => world.human.reject(idOf(run), { because: 'the model says so' }))
  expect(code).toBe(run.landed?.undone === false ? 'run.already_merged' : undefined)
  if (code === undefined) run.approval = undefined
  return {}
}))

export const look = which.map((back) => ofRun('look at', back, async (model, world, run) => {
  await world.human.diff(idOf(run))
  await world.human.forecast()
  if (readableInMain(model, 'b.txt')) await world.human.why({ repo: checkedRepo, path: 'b.txt', line: 1 })
  return {}
}))

export const clean = fc.boolean().map((unlanded) => new Step(`clean${unlanded ? ' unlanded too' : ''}`, async (model, world) => keepingSources(model, world, async () => {
  await world.human.clean({ unlanded })
  for (const run of model.runs) {
    const { workspace } = await world.human.readRun(idOf(run))
    if (workspace === null) run.workspace = undefined
  }
  await checkRounds(model, world)
  return {}
})))

export const repair = fc.constant(new Step('doctor --fix', async (model, world) => keepingSources(model, world, async () => {
  const { diagnoses } = await world.human.doctor({ fix: true })
  expect(diagnoses.filter(({ state }) => state === 'problem')).toEqual([])
  return {}
})))

export const restart = fc.constant(new Step('restart', async (model, world) => keepingSources(model, world, async () => {
  await world.restart()
  return {}
})))

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

/** Whether a file can be asked about, where `why` looks: in what is checked out. */
function readableInMain({ repos }: Model, path: string): boolean {
  const repo = needed(repos[checkedRepo])
  return repo.on === 'main' && !isDirty(repo) && repo.branches.main.files.has(path)
}

/** What the run began on, which captured rounds are always against. */
function basesOfRun(run: RunModel): Readonly<Record<string, { readonly base: string; readonly baseFiles: Files }>> {
  return needed(run.rounds[0]).repos
}
