import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, fingerprints, type Fingerprints } from './harness/compare.ts'
import { mergeForm, runForm } from './harness/contract.ts'
import { startRun, untilEvent } from './harness/live-run.ts'
import { expectRefused, expectRefusedInWords, oneOfEachCode, type Refusal } from './harness/refusal.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/**
 * Runs in every state: R0001 waits for a yes, R0002 has landed, R0003 is at work, R0004 was written by a newer version,
 * R0005 is an id that was given and never used.
 */
describe('asked in the wrong state, or for what is not there', () => {
  let world: World
  let before: Fingerprints
  const sources = ['api', 'web'] as const
  const everything = (): Fingerprints => fingerprints([world.memory, ...sources.map((name) => join(world.dir, name))])

  beforeAll(async () => {
    world = await createWorld()
    for (const name of sources) await addRepo(world, name, world.source(name, { 'README.md': `# ${name}\n` }))
    mkdirSync(join(world.dir, 'full'))
    writeFileSync(join(world.dir, 'full', 'mine.txt'), 'mine\n')
    for (const [title, repo] of [['Waits', 'api'], ['Landed', 'web'], ['At work', 'api']] as const) await newTask(world, title, '--repo', repo)
    for (const task of ['T0001', 'T0002']) await runScript(world, task, 'echo more >> README.md')
    await world.ask(mergeForm, ['merge', 'R0002', '--approve'])
    await startRun(world, 'T0003', 'while :; do sleep 0.2; done')
    await untilEvent(world, 'R0003', 'run.started')
    for (const run of ['R0004', 'R0005']) mkdirSync(join(world.memory, 'runs', run), { recursive: true })
    writeFileSync(join(world.memory, 'runs', 'R0004', 'events.jsonl'), '{"format":2,"seq":1,"type":"run.dreamed","run":"R0004","task":"T0001","data":{}}\n')
    before = everything()
  })
  afterAll(async () => {
    await world.ask(runForm, ['cancel', 'R0003'])
    await world.close()
  })

  const of = (line: string, exit: number, code: string, names: RegExp): Refusal => ({ args: line.split(' '), exit, code, names })

  const atWork: readonly Refusal[] = [
    ...['seal', 'check', 'refresh', 'reject'].map((word) => of(`${word} R0003`, 4, 'run.active', /R0003 is running/)),
    ...['approve', 'merge', 'merge --approve'].map((word) => of(`${word} R0003`, 4, 'gate.blocked', /R0003 has not ended/)),
    of('waive R0003 scope_exceeded --because x', 4, 'run.active', /R0003 is running/),
    of('undo R0003', 4, 'run.not_merged', /R0003/),
    of('diff R0003', 3, 'snapshot.not_found', /R0003 has no sealed round/),
  ]
  const landed: readonly Refusal[] = [
    ...['approve', 'merge', 'merge --approve', 'seal', 'refresh', 'reject'].map((word) => of(`${word} R0002`, 4, 'run.already_merged', /web main is at/)),
    of('waive R0002 scope_exceeded --because x', 4, 'run.already_merged', /web main is at/),
    of('cancel R0002', 4, 'run.not_active', /R0002 has ended/),
    of('run T0002 --agent demo', 4, 'task.closed', /T0002 is done/),
  ]
  const newer: readonly Refusal[] = ['show', 'log', 'diff', 'gate', 'approve', 'merge', 'seal', 'check', 'cancel', 'undo'].map((word) => of(`${word} R0004`, 4, 'run.log_invalid', /Line 1 .* R0004/))
  const rounds: readonly Refusal[] = [
    of('show R0005', 3, 'run.not_found', /R0005/),
    of('merge R0001', 4, 'gate.blocked', /Nobody approved R0001\.s1/),
    of('approve R0001 --snapshot R0002.s1', 2, 'input.invalid', /R0002\.s1/),
    of('approve R0001 --snapshot latest', 2, 'input.invalid', /latest/),
    of('diff R0001.s0', 2, 'input.invalid', /R0001\.s0/),
    of('diff R0001 --repo UP', 2, 'input.invalid', /UP/),
    of('merge R0001.s1', 2, 'input.invalid', /takes its run, R0001/),
    of('diff R0001 --repo web', 3, 'repo.not_found', /R0001\.s1 has no repo web/),
  ]
  const values: readonly Refusal[] = [
    of('task edit T0001 --title x --expect 0123', 4, 'record.changed_underneath', /T0001/),
    of('task edit T0001', 2, 'input.invalid', /nothing to change/),
    of('task new x --priority 9', 2, 'input.invalid', /priority/),
    of('task new x --priority high', 2, 'input.invalid', /high/),
    of('task new x --scope src', 2, 'input.invalid', /--scope .*src/),
    of('task new x --scope ghost:src', 2, 'input.invalid', /ghost/),
    of('task new x --repo api --base-branch apo=main', 2, 'input.invalid', /The base branches name apo/),
    of('task new x --repo api --scope web:src', 2, 'input.invalid', /The scope names web.* about api only/),
    of('task edit T0001 --scope web:src', 2, 'input.invalid', /The scope names web.* about api only/),
    of('task new x --depends-on soon', 2, 'input.invalid', /soon/),
    of('task new x --depends-on T0999', 3, 'task.not_found', /T0999/),
    of('task new x --repo api --base-branch api=a --base-branch api=b', 2, 'input.invalid', /api twice/),
    of('task list --status maybe', 2, 'input.invalid', /maybe/),
    of('note new x --repo ghost', 3, 'repo.not_found', /ghost/),
    of('decision new x --effort E999', 3, 'effort.not_found', /E999/),
    { ...of('', 2, 'input.invalid', /title/), args: ['effort', 'new', ''] },
    { ...of('', 2, 'input.invalid', /one line/), args: ['decision', 'new', 'one\ntwo'] },
    of('handoff new --task T0001 --run R0002 --what x --next y', 2, 'input.invalid', /R0002 is a run of T0002/),
    of('handoff new --task T0999 --what x --next y', 3, 'task.not_found', /T0999/),
    of('handoff new --task T0001 --what x', 2, 'input.invalid', /--next/),
    { ...of('', 2, 'input.invalid', /what was done/), args: ['handoff', 'new', '--task', 'T0001', '--what', ' ', '--next', 'y'] },
    of('run T0001 --agent demo more', 2, 'input.invalid', /demo .*more/),
    of('run T0001', 2, 'input.invalid', /--agent/),
    of('run T0001 --agent demo --minutes 0', 2, 'input.invalid', /--minutes .*0/),
    of('run T0001 --agent demo --minutes soon', 2, 'input.invalid', /--minutes .*soon/),
    of('run T0001 --agent demo --minutes 20000', 2, 'input.invalid', /a week/),
    of('run T0001 --agent demo --budget 0', 2, 'input.invalid', /--budget .*0/),
    of('run T0001 --agent demo --budget 1.5', 2, 'input.invalid', /budget/),
    of('context T0001 --budget many', 2, 'input.invalid', /many/),
    of('search x --limit 0', 2, 'input.invalid', /--limit .*0/),
    of('repo add api --name web', 2, 'repo.name_taken', /web is already registered/),
    of('repo add api --name api --check test', 2, 'input.invalid', /--check .*test/),
    of('repo add api --name api --base-branch -x', 2, 'input.invalid', /branch/),
    of('init full', 2, 'input.invalid', /full is not empty \(mine\.txt\)/),
    of('init full/mine.txt/memory', 5, 'disk.unwritable', /mine\.txt/),
    of('runs --memory full', 3, 'memory.not_found', /full is no memory repo/),
  ]

  const all = [...atWork, ...landed, ...newer, ...rounds, ...values]
  const named = (refusal: Refusal): readonly [string, Refusal] => [refusal.args.join(' '), refusal]
  it.concurrent.each(all.map(named))('signalbox %s', (_line, refusal) => expectRefused(world, refusal))
  it.concurrent.each(oneOfEachCode(all).map(named))('signalbox %s, in words', (_line, refusal) => expectRefusedInWords(world, refusal))

  it('loses nothing: memory and sources are as before, byte for byte', () => {
    const after = everything()
    expect(Object.entries(before).map(([path, names]) => [path, differences(names, after[path] ?? {})])).toEqual(Object.keys(before).map((path) => [path, []]))
    expect(existsSync(join(world.dir, 'full', '.git'))).toBe(false)
    rmSync(join(world.dir, 'full'), { recursive: true })
  })
})
