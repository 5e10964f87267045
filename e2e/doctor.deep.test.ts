import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run as exec, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { emptyVault } from './harness/conditions.ts'
import { mergeForm, runForm } from './harness/contract.ts'
import { untilEnded, untilEvent } from './harness/live-run.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

const doctorForm = z.looseObject({
  diagnoses: z.array(z.looseObject({ code: z.string(), subject: z.string(), state: z.string(), message: z.string(), remedy: z.string().nullable() })),
  repairs: z.array(z.looseObject({ code: z.string(), subject: z.string(), done: z.boolean(), message: z.string() })),
})

let world: World
let api: string
let stateDir: string
beforeAll(async () => {
  world = await createWorld()
  api = world.source('api', { 'a.txt': 'a\n' })
  await addRepo(world, 'api', api)
  stateDir = stateFolderOf(world)
})
afterAll(() => world.close())

/** Codes and subjects of everything that is not well. */
async function troubles(...flags: readonly string[]): Promise<readonly string[]> {
  const { diagnoses } = await world.ask(doctorForm, ['doctor', ...flags])
  const bad = diagnoses.filter(({ state }) => state !== 'ok')
  for (const { message, remedy } of bad) expect([message.length > 10, (remedy ?? '').length > 10]).toEqual([true, true])
  return bad.map(({ code, subject }) => `${code} ${subject}`).toSorted()
}

async function runOnce(script: string): Promise<string> {
  return (await runScript(world, await newTask(world, 'Change it', '--repo', 'api'), script)).id
}

const inState = (...names: readonly string[]): string => join(stateDir, ...names)

it('finds nothing to warn of while a run is at work, whose files are committed when it ends', async () => {
  const task = await newTask(world, 'Take your time', '--repo', 'api')
  await world.signalbox(['run', task, '--detach', '--agent', 'shell', '--', 'sh', '-c', `until [ -e ${join(world.dir, 'go')} ]; do sleep 0.05; done`])
  await untilEvent(world, 'R0001', 'run.started')
  const { diagnoses } = await world.ask(doctorForm, ['doctor'])
  expect(diagnoses.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(diagnoses).toContainEqual(expect.objectContaining({ subject: 'R0001', message: expect.stringContaining('is running') }))
  writeFileSync(join(world.dir, 'go'), '')
  await untilEnded(world, 'R0001')
  expect(await troubles()).toEqual([])
})

describe('doctor', () => {
  it.each([
    ['settings', () => join(world.memory, 'signalbox.yaml'), 'repos:\n  api: [\n', /signalbox\.yaml: line 3/, /Repair/],
    ['folders', () => inState('repos.json'), '{', /repos\.json/, /Delete that file/],
  ])('looks at all else where the %s cannot be read, and leaves them as they are', async (subject, fileOf, broken, message, remedy) => {
    const before = readFileSync(fileOf())
    writeFileSync(fileOf(), broken)
    const { diagnoses } = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(diagnoses.find(({ code }) => code === 'settings_unreadable')).toMatchObject({ subject, state: 'problem', message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) })
    expect(diagnoses.map((line) => `${line.subject} ${line.state}`)).toEqual(expect.arrayContaining(['git ok', 'index ok', 'records ok', subject === 'settings' ? 'api ok' : 'api problem']))
    expect(readFileSync(fileOf(), 'utf8')).toBe(broken)
    writeFileSync(fileOf(), before)
    expect(await troubles()).toEqual([])
  })
})

describe('doctor --fix', () => {
  it('reads rounds again from source and workspace, says which it could not, and mends pins', async () => {
    const [landed, kept, gone] = [await runOnce('echo b > a.txt'), await runOnce('echo c > c.txt'), await runOnce('echo d > d.txt')]
    await world.ask(mergeForm, ['merge', landed, '--approve'])
    for (const run of [landed, gone]) rmSync(inState('workspaces', run), { recursive: true })
    rmSync(inState('runs', gone, 'git'), { recursive: true })
    for (const name of readdirSync(inState('runs', gone)).filter((entry) => entry.startsWith('index-'))) rmSync(inState('runs', gone, name))
    const base = git(api, 'rev-parse', 'main~1')
    git(api, 'update-ref', '-d', `refs/signalbox/pins/${kept}/base-${base}`)
    emptyVault(world.state, 'api')

    expect(await troubles()).toEqual(['pin_missing R0003', 'round_unreadable R0001.s1', 'round_unreadable R0002.s1', 'round_unreadable R0003.s1', 'round_unreadable R0004.s1', 'workspace_half_removed R0002'])
    const fixed = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(fixed.repairs.map(({ code, subject, done }) => `${code} ${subject} ${done}`).toSorted()).toEqual(['pin_missing R0003 true', 'round_unreadable R0001.s1 true', 'round_unreadable R0002.s1 true', 'round_unreadable R0003.s1 true', 'round_unreadable R0004.s1 false'])
    expect(fixed.repairs.find(({ done }) => !done)?.message).toContain('holds the bytes of R0004.s1')
    expect(await troubles()).toEqual(['round_unreadable R0004.s1', 'workspace_half_removed R0002'])
    // From objects, not from a copy of what was shown: the gate looks at those.
    await world.ask(runForm, ['refresh', kept])
    await world.ask(mergeForm, ['merge', kept, '--approve'])
    expect((await world.call(['clean', landed])).exit).toBe(0)
    const { snapshots } = await world.ask(runForm, ['show', gone])
    expect(snapshots).toHaveLength(1)
    expect(await troubles()).toEqual(['round_unreadable R0004.s1'])
  })

  it('removes locks and folders of nobody where nothing hangs on them, and names the rest, pins too: they may be of another installation', async () => {
    const known = await troubles()
    const head = git(api, 'rev-parse', 'main')
    const lonely = git(api, 'commit-tree', '-m', 'lonely', 'main^{tree}')
    const pin = (run: string, oid: string): string => `refs/signalbox/pins/${run}/base-${oid}`
    git(api, 'update-ref', pin('R0900', head), head)
    git(api, 'update-ref', pin('R0901', lonely), lonely)
    git(api, 'update-ref', pin('R0902', head), head)
    mkdirSync(join(world.state, 'another-memory', 'runs', 'R0902'), { recursive: true })
    mkdirSync(inState('workspaces/R0903/api'), { recursive: true })
    writeFiles(stateDir, { 'workspaces/R0904/api/work.txt': 'work\n', 'trash/left/x': 'x', 'vaults/api.git/refs/signalbox/runs/R0001/s1.lock': '' })
    git(api, 'worktree', 'add', '--quiet', '--detach', join(world.dir, 'beside'))
    const locks = ['index.lock', 'ORIG_HEAD.lock', 'refs/heads/main.lock', 'worktrees/beside/index.lock'].map((name) => join(api, '.git', name))
    for (const lock of locks) writeFileSync(lock, '')
    writeFileSync(inState('server.json'), JSON.stringify({ url: 'http://127.0.0.1:1', pid: 999_999, startTime: '1', bootId: 'another' }))

    const stays = [...locks.map(() => 'lock_of_somebody api'), 'pin_orphaned R0900', 'pin_orphaned R0901', 'workspace_orphaned R0904', ...known]
    expect(await troubles()).toEqual([...stays, 'lock_left api', 'lock_left server', 'trash_left trash', 'workspace_orphaned R0903'].toSorted())
    const { repairs } = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(repairs.filter(({ done }) => done).map(({ code, subject }) => `${code} ${subject}`).toSorted()).toEqual(['lock_left api', 'lock_left server', 'trash_left trash', 'workspace_orphaned R0903'])
    expect(await troubles()).toEqual(stays.toSorted())
    expect(git(api, 'for-each-ref', '--format=%(refname)', 'refs/signalbox/pins/').split('\n').filter((ref) => ref.includes('/R09'))).toEqual([pin('R0900', head), pin('R0901', lonely), pin('R0902', head)])
    rmSync(join(world.state, 'another-memory'), { recursive: true })
    const { diagnoses } = await world.ask(doctorForm, ['doctor'])
    for (const lock of locks) expect(diagnoses.some(({ message }) => message.startsWith(`${lock} is a lock`))).toBe(true)
    for (const lock of locks) rmSync(lock)
  })

  it('explains a journal that cannot be settled, and leaves it', async () => {
    const journal = inState('journals/R0001.json')
    writeFiles(stateDir, { 'journals/R0001.json': '{"format":' })
    const { diagnoses } = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(diagnoses.find(({ code }) => code === 'run_unsettled')).toMatchObject({ subject: 'R0001', state: 'problem', message: expect.stringContaining(journal), remedy: expect.stringContaining('signalbox show R0001') })
    expect(readFileSync(journal, 'utf8')).toBe('{"format":')
    rmSync(journal)
    expect(await troubles()).not.toContain('run_unsettled R0001')
  })

  it('commits what was queued once its cause is gone, and says why not before', async () => {
    const file = join(world.memory, '.git/index.lock')
    writeFileSync(file, '')
    await newTask(world, 'Queued', '--repo', 'api')
    expect(await troubles()).toContain('memory_commits memory')
    const refused = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(refused.repairs.find(({ code }) => code === 'memory_commits')).toMatchObject({ done: false, message: expect.stringContaining('could not be committed') })
    rmSync(file)
    const { repairs } = await world.ask(doctorForm, ['doctor', '--fix'])
    expect(repairs.find(({ code }) => code === 'memory_commits')).toMatchObject({ done: true })
    expect(await troubles()).not.toContain('memory_commits memory')
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
  })
})

it('says of a run with two histories how one of them is made the only one', async () => {
  const [log, live] = [join(world.memory, 'runs/R0001/events.jsonl'), inState('runs/R0001/events.jsonl')]
  writeFileSync(log, readFileSync(log, 'utf8').replace(/"seq":2,"at":"[^"]*"/, '"seq":2,"at":"another"'))
  const { diagnoses } = await world.ask(doctorForm, ['doctor'])
  const line = diagnoses.find(({ code }) => code === 'record_quarantined')
  expect(line).toMatchObject({ subject: 'runs/R0001/events.jsonl', message: expect.stringContaining('two histories'), remedy: expect.stringContaining(`mv ${live} ${live}.old`) })
  expect((await world.call(['clean', 'R0001'])).stdout).toContain(`mv ${live} ${live}.old`)
  git(world.memory, 'checkout', '-q', '--', log)
  expect(await troubles()).not.toContain('record_quarantined runs/R0001/events.jsonl')
})

it('says where the state of a memory repo that was moved lies, and how it is found again', async () => {
  const moved = `${world.memory}-moved`
  renameSync(world.memory, moved)
  const { diagnoses } = await world.ask(doctorForm, ['doctor', '--memory', moved])
  const line = diagnoses.find(({ code }) => code === 'state_folder')
  expect(line).toMatchObject({ state: 'problem', message: expect.stringContaining(stateDir) })
  expect(line?.message).toContain('R0001')
  // What is said of it there is no reason to move back in turn.
  expect((await world.call(['reject', 'R0001', '--because', 'its rounds are not here', '--memory', moved])).exit).toBe(0)
  const [, command] = /: (mv .*)$/.exec(line?.remedy ?? '') ?? []
  exec(world.dir, 'sh', ['-c', command ?? 'false'])
  expect((await troubles()).filter((trouble) => trouble.startsWith('state_folder'))).toEqual([])
})
