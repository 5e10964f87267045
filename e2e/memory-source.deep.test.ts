import { existsSync, readFileSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, failureForm, gateForm, mergeForm, runForm } from './harness/contract.ts'
import { startSignalbox } from './harness/killable.ts'
import { humanCommits } from './harness/shop.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const listForm = z.looseObject({ tasks: z.array(z.looseObject({ id: z.string(), status: z.string() })), quarantined: z.array(z.looseObject({ path: z.string() })) })

describe('the memory repo as a target of its own tasks', () => {
  let world: World
  const memory = (...args: readonly string[]): string => git(world.memory, ...args)
  /** What the gate has against a run. */
  const codes = async (run: string): Promise<readonly string[]> => (await world.ask(gateForm, ['gate', run], 4)).blockers.map(({ code }) => code)

  /** Lets a script work in the memory repo and returns the run. */
  const ran = async (title: string, script: string): Promise<string> => (await runScript(world, await newTask(world, title, '--repo', 'memory'), script)).id

  beforeAll(async () => {
    world = await createWorld()
    await addRepo(world, 'memory', world.memory)
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'api\n' }))
  })
  afterAll(() => world.close())

  it('takes a change that our own records moved it beside, byte for byte, and keeps every record', async () => {
    await newTask(world, 'Write the handbook', '--repo', 'memory', '--repo', 'api')
    const run = await runScript(world, 'T0001', 'echo more >> api/file.txt; cd memory; mkdir docs; echo handbook > docs/handbook.md')
    expect(run).toMatchObject({ outcome: 'completed', sources: [{ repo: 'memory', changes: [] }, { repo: 'api', changes: [] }] })
    const base = run.repos[0]?.baseHead ?? ''
    expect(await codes('R0001')).toEqual(['approval_missing'])
    const { approval } = await world.ask(approvalForm.extend({ approval: z.looseObject({ targetHeads: z.record(z.string(), z.string()) }) }), ['approve', 'R0001'])
    expect(approval.targetHeads['memory']).toBe(base)
    await newTask(world, 'Something else meanwhile')
    const before = memory('rev-parse', 'main')
    expect(await world.ask(gateForm, ['gate', 'R0001'])).toMatchObject({ verdict: 'mergeable', repos: [{ repo: 'memory', targetHead: base, advanced: { to: before, commits: Number(memory('rev-list', '--count', `${base}..main`)) } }, { repo: 'api' }] })
    expect((await world.call(['gate', 'R0001'])).stdout).toMatch(/commits of our records, beside the change/)

    const { repos } = await world.ask(mergeForm, ['merge', 'R0001'])
    expect(repos[0]).toMatchObject({ repo: 'memory', from: before })
    const landed = repos[0]?.to ?? ''
    expect(memory('diff', '--name-status', before, landed)).toBe('A\tdocs/handbook.md')
    expect(memory('ls-tree', landed, 'docs/handbook.md')).toMatch(/^100644 blob /)
    expect(readFileSync(join(world.memory, 'docs/handbook.md'), 'utf8')).toBe('handbook\n')
    expect(memory('status', '--porcelain')).toBe('')
    expect((await world.ask(runForm, ['show', 'R0001'])).merge.state).toBe('merged')
    expect(memory('log', '--format=%s', `${landed}..main`)).toBe('T0001: merge R0001')
    memory('fsck', '--no-dangling', '--strict')
  })

  it('is not taken back over the record of its landing', async () => {
    expect((await world.refused('undo', 'R0001')).error.code).toBe('undo.refused')
    expect(existsSync(join(world.memory, 'docs/handbook.md'))).toBe(true)
    expect(memory('status', '--porcelain')).toBe('')
  })

  it('is moved by what a human commits there, like any other', async () => {
    const task = await newTask(world, 'Write more', '--repo', 'memory')
    const { id: run, sources } = await runScript(world, task, `echo more >> docs/handbook.md; git -C ${world.memory} branch aside`)
    expect(sources).toMatchObject([{ repo: 'memory', changes: [{ what: 'ref', name: 'refs/heads/aside' }] }])
    await world.ask(approvalForm, ['approve', run])
    humanCommits(world.memory, 'mine.txt', 'mine\n')
    expect(await codes(run)).toEqual(['target_moved', 'approval_stale'])
    await world.ask(runForm, ['refresh', run])
    expect((await world.ask(mergeForm, ['merge', run, '--approve'])).state).toBe('merged')
    expect(memory('show', 'main:docs/handbook.md')).toBe('handbook\nmore')
  })

  it('lands in one command what was approved before a human committed there, whatever our own records add meanwhile', async () => {
    const { id } = await runScript(world, await newTask(world, 'Write to both', '--repo', 'memory', '--repo', 'api'), 'echo both >> memory/docs/both.md; echo both >> api/both.txt')
    await world.ask(approvalForm, ['approve', id])
    humanCommits(world.memory, 'mine.txt', 'mine too\n')
    expect((await world.ask(mergeForm, ['merge', id, '--refresh'])).state).toBe('merged')
    expect([memory('show', 'main:docs/both.md'), memory('show', 'main:mine.txt'), memory('status', '--porcelain')]).toEqual(['both', 'mine too', ''])
  })

  it('is moved by our own records, too, where they touch what the change touches', async () => {
    const run = await ran('Judge itself', 'sed -i "s/^status: .*/status: done/" tasks/*-judge-itself.md; mkdir -p runs/$SIGNALBOX_RUN; echo "{}" > runs/$SIGNALBOX_RUN/events.jsonl')
    expect(await codes(run)).toEqual(expect.arrayContaining(['target_moved', 'merge_conflict']))
    expect((await world.refused('refresh', run)).error.code).toBe('refresh.conflict')
  })

  it('commits first what of our records could not be committed before, and may be given one that cannot be read: it is named, and nothing is lost', async () => {
    const run = await ran('Break a record', 'printf -- "---\\nstatus: {\\n---\\nkept\\n" > tasks/T0002-something-else-meanwhile.md')
    await world.ask(approvalForm, ['approve', run])
    writeFileSync(join(world.memory, '.git/index.lock'), '')
    await newTask(world, 'Written, not committed')
    rmSync(join(world.memory, '.git/index.lock'))
    expect(memory('status', '--porcelain')).toMatch(/tasks\/.*written-not-committed/)
    await world.ask(mergeForm, ['merge', run])
    const { tasks, quarantined } = await world.ask(listForm, ['task', 'list'])
    expect(quarantined.map(({ path }) => path)).toEqual(['tasks/T0002-something-else-meanwhile.md'])
    expect(tasks.at(-2)?.status).toBe('done')
    expect(memory('grep', '-h', 'kept', 'main', '--', 'tasks')).toBe('kept')
    expect(memory('status', '--porcelain')).toBe('')
  })

  it.each([
    ['begins', (journal: string, _before: string) => existsSync(journal)],
    ['moved its branch', (_journal: string, before: string) => memory('rev-parse', 'main') !== before],
  ])('lands whole or not at all when it is killed as it %s, and no record is lost', async (name, seen) => {
    const task = await newTask(world, `Be killed as it ${name}`, '--repo', 'memory', '--repo', 'api')
    const { id } = await runScript(world, task, `echo ${task} > memory/docs/${task}.md; echo ${task} >> api/file.txt`)
    await world.ask(approvalForm, ['approve', id])
    const before = memory('rev-parse', 'main')
    const call = startSignalbox(world, ['merge', id])
    await until('the landing', () => (seen(join(stateFolderOf(world), 'journals', `${id}.json`), before) ? true : undefined))
    call.kill('group')
    await call.ended
    const { merge } = await world.ask(runForm, ['show', id])
    expect(memory('status', '--porcelain')).toBe('')
    const landed = [memory('ls-tree', '--name-only', 'main', `docs/${task}.md`) !== '', git(join(world.dir, 'api'), 'show', 'main:file.txt').includes(task)]
    expect(landed).toEqual(merge.state === 'merged' ? [true, true] : [false, false])
    if (merge.state !== 'merged') await world.ask(mergeForm, ['merge', id])
    expect(memory('show', `main:docs/${task}.md`)).toBe(task)
    expect(memory('show', `main:runs/${id}/events.jsonl`)).toContain('"merge.published"')
    expect(memory('status', '--porcelain')).toBe('')
    memory('fsck', '--no-dangling', '--strict')
  })

  it('is no worktree for an agent', async () => {
    const task = await newTask(world, 'Work in it', '--repo', 'memory')
    expect((await world.ask(failureForm, ['run', task, '--agent', 'shell', '--isolation', 'linked', '--json', '--', 'true'], 4)).error.code).toBe('repo.is_memory')
  })

  it('is no target where its records are not committed: they would stand in the way for ever', async () => {
    const task = await newTask(world, 'Never land', '--repo', 'memory')
    const settings = readFileSync(join(world.memory, 'signalbox.yaml'), 'utf8')
    writeFileSync(join(world.memory, 'signalbox.yaml'), `${settings}memory:\n  commit: manual\n`)
    const { error } = await world.ask(failureForm, ['run', task, '--agent', 'shell', '--json', '--', 'true'], 4)
    expect(error).toMatchObject({ code: 'repo.is_memory', message: expect.stringContaining('memory.commit: manual') })
    writeFileSync(join(world.memory, 'signalbox.yaml'), settings)
  })
})
