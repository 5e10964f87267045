import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, gateForm, handoffForm, mergeForm, runForm, waiversForm } from './harness/contract.ts'
import { findFile, findFiles } from './harness/find-files.ts'
import { saveWorld } from './harness/saved-world.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

afterAll(removeTempDirs)

/** Made here, so that no file of ours holds what looks like a credential. */
const makeToken = (): string => `ghp_${randomBytes(18).toString('hex')}`
const eventForm = z.looseObject({ type: z.string(), data: z.looseObject({}) })

describe('work that a human has to say yes to in spite of something', () => {
  let world: World
  let api: string
  let restore: () => void
  const [old, added] = [makeToken(), makeToken()]
  const hostile = 'src/line\nbreak $(x).env'
  const published = (): string => join(world.memory, 'runs', 'R0001', 'events.jsonl')
  const codes = async (exit = 4): Promise<readonly string[]> => (await world.ask(gateForm, ['gate', 'R0001'], exit)).blockers.map(({ code }) => code)
  const waive = (code: string, because: string): Promise<z.infer<typeof waiversForm>> => world.ask(waiversForm, ['waive', 'R0001', code, '--because', because])

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'src/old.env': `TOKEN=${old}\nPORT=1\n`, 'check.sh': 'exit 0\n' })
    await addRepo(world, 'api', api, `size=exit $(cat '${join(world.dir, 'size')}')`)
    writeFileSync(join(world.dir, 'size'), '0')
    await newTask(world, 'Change it', '--repo', 'api', '--scope', 'api:src/**')
    writeFileSync(join(world.dir, 'token'), `TOKEN=${added}\n`)
    // Beside the credential that was there already nothing blocks; the new one lies in a file with a name that would break lists.
    await runScript(world, 'T0001', `echo MODE=2 >> src/old.env; cp '${join(world.dir, 'token')}' '${hostile}'; echo lock > lock.txt`)
    restore = await saveWorld(world)
  })
  beforeEach(() => restore())
  afterAll(() => world.close())

  it('is blocked, waived with reasons, approved and landed, and the memory repo says what was waived and why', async () => {
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(blockers).toMatchObject([
      { code: 'scope_exceeded', repo: 'api', data: { paths: ['lock.txt'] }, remedy: { command: "signalbox waive R0001 scope_exceeded --repo api --because ''" } },
      { code: 'secret_found', repo: 'api', data: { paths: [hostile], secrets: [{ path: hostile, line: 1, rule: 'github' }] } },
      { code: 'approval_missing' },
    ])
    expect((await world.refused('merge', 'R0001', '--approve')).blockers).toHaveLength(2)

    expect((await waive('scope_exceeded', 'the lock file\nSigned-off-by: somebody else')).waivers).toMatchObject([{ code: 'scope_exceeded', repo: 'api', snapshot: 'R0001.s1', data: { paths: ['lock.txt'] } }])
    expect((await world.refused('approve', 'R0001')).blockers).toMatchObject([{ code: 'secret_found' }])
    await waive('secret_found', 'a key of the test server')
    const gate = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(gate).toMatchObject({ blockers: [{ code: 'approval_missing' }], waived: [{ code: 'scope_exceeded', repo: 'api' }, { code: 'secret_found', because: 'a key of the test server' }] })
    expect((await world.call(['show', 'R0001'])).stdout).toContain('waived by')

    await world.ask(approvalForm, ['approve', 'R0001'])
    const merged = await world.ask(mergeForm, ['merge', 'R0001'])
    const trailers = git(api, 'log', '-1', '--format=%(trailers:key=Signalbox-Waived,valueonly)%(trailers:key=Signed-off-by)', merged.repos[0]?.to ?? '')
    expect(trailers.trim().split('\n')).toEqual(['scope_exceeded in api: the lock file Signed-off-by: somebody else', 'secret_found in api: a key of the test server'])

    // All that is left is what was committed in the memory repo.
    const events = git(world.memory, 'show', 'HEAD:runs/R0001/events.jsonl').split('\n').map((line) => eventForm.parse(JSON.parse(line)))
    expect(events.flatMap(({ type, data }) => (type === 'waiver.granted' ? [data['waiver']] : []))).toMatchObject([
      { code: 'scope_exceeded', because: expect.stringContaining('the lock file'), message: expect.stringContaining('lock.txt'), data: { paths: ['lock.txt'] }, by: expect.stringContaining('@') },
      { code: 'secret_found', because: 'a key of the test server', data: { secrets: [{ path: hostile, line: 1, rule: 'github' }] } },
    ])
    expect(git(world.memory, 'log', '--format=%s')).toContain('T0001: waive secret_found of R0001')
    expect(await world.ask(runForm, ['show', 'R0001'])).toMatchObject({ merge: { state: 'merged' }, waived: [{ code: 'scope_exceeded' }, { code: 'secret_found' }] })
    const handoff = await world.ask(handoffForm, ['handoff', 'new', '--task', 'T0001', '--run', 'R0001', '--what', 'Landed', '--next', 'Rotate the key'])
    expect(handoff.evidence).toMatchObject({ waived: [{ code: 'scope_exceeded' }, { code: 'secret_found', repo: 'api', because: 'a key of the test server' }] })
  })

  it('never shows the credential itself, in no record, log or answer', async () => {
    const answers = await Promise.all([world.call(['gate', 'R0001']), world.call(['show', 'R0001', '--json']), world.call(['waive', 'R0001', 'secret_found', '--because', 'x']), world.call(['log', 'R0001'])])
    const files = [...findFiles(world.memory, /./), ...findFiles(world.state, /\/runs\/|\.log$|\.json$/)].filter((path) => !/\/(\.git|git|vaults|workspaces)(\/|$)/.test(path) && statSync(path).isFile())
    expect(files.some((path) => path.endsWith('secrets.json'))).toBe(true)
    for (const text of [...answers.map(({ stdout, stderr }) => stdout + stderr), ...files.map((path) => readFileSync(path, 'latin1'))]) expect(text).not.toContain(added)
  })

  it('needs a new reason for a new round, and a new yes after a new reason', async () => {
    await waive('scope_exceeded', 'the lock file')
    await waive('secret_found', 'a key of the test server')
    await world.ask(approvalForm, ['approve', 'R0001'])
    const { workspace } = await world.ask(runForm, ['show', 'R0001'])
    writeFiles(join(workspace ?? '', 'api'), { 'more.txt': 'more\n' })
    await world.ask(runForm, ['seal', 'R0001'])
    expect(await codes()).toEqual(['scope_exceeded', 'secret_found', 'approval_stale'])
    expect((await waive('secret_found', 'still that key')).waivers).toHaveLength(1)
    expect(await codes()).toEqual(['scope_exceeded', 'approval_stale'])
  })

  it('covers the very check result that was seen, and no later one', async () => {
    const check = async (exit: number): Promise<void> => {
      writeFileSync(join(world.dir, 'size'), String(exit))
      expect((await world.call(['check', 'R0001'])).exit).toBe(4)
    }
    await check(1)
    for (const code of ['scope_exceeded', 'secret_found', 'checks_failed']) await waive(code, 'known')
    await world.ask(approvalForm, ['approve', 'R0001'])
    expect(await codes(0)).toEqual([])
    await check(2)
    expect(await codes()).toEqual(['checks_failed', 'approval_stale'])
    await check(1)
    expect(await codes(0)).toEqual([])
  })

  it.each([
    ['a code about the target', ['waive', 'R0001', 'target_dirty', '--because', 'x'], 2, 'input.invalid'],
    ['a code that is none', ['waive', 'R0001', 'toString', '--because', 'x'], 2, 'input.invalid'],
    ['what does not block', ['waive', 'R0001', 'checks_failed', '--because', 'x'], 4, 'waiver.not_needed'],
    ['another repo', ['waive', 'R0001', 'secret_found', '--repo', 'web', '--because', 'x'], 4, 'waiver.not_needed'],
    ['an empty reason', ['waive', 'R0001', 'secret_found', '--because', '  '], 2, 'input.invalid'],
    ['no reason', ['waive', 'R0001', 'secret_found'], 2, 'input.invalid'],
    ['a run that is not there', ['waive', 'R0999', 'secret_found', '--because', 'x'], 3, 'run.not_found'],
  ])('refuses to waive %s', async (_what, args, exit, code) => {
    const outcome = await world.call([...args, '--json'])
    expect([outcome.exit, JSON.parse(outcome.stdout)]).toMatchObject([exit, { error: { code } }])
    expect(await codes()).toEqual(['scope_exceeded', 'secret_found', 'approval_missing'])
  })

  it('takes no waiver that nobody gave on this machine, and names it', async () => {
    await world.ask(waiversForm, ['waive', 'R0001', 'scope_exceeded', '--because', 'mine'])
    const line = readFileSync(published(), 'utf8').trimEnd().split('\n').at(-1) ?? ''
    expect(eventForm.parse(JSON.parse(line)).type).toBe('waiver.granted')
    restore()
    // From here on this machine has a key that a forged seal is compared with.
    await waive('secret_found', 'to have a key')
    const next = line.replace(/"seal":"[0-9a-f]+"/, `"seal":"${'0'.repeat(64)}"`).replace(/"seq":(\d+)/, (_all, seq) => `"seq":${Number(seq) + 1}`)
    appendFileSync(published(), `${next}\n`)
    for (const log of findFiles(world.state, /events\.jsonl$/)) rmSync(log)
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    expect(blockers[0]).toMatchObject({ code: 'scope_exceeded', message: expect.stringContaining('is not sealed with the key of this machine and does not count') })
  })

  it('counts a waiver as long as the key is the one it was given with', async () => {
    await waive('scope_exceeded', 'mine')
    expect(await codes()).toEqual(['secret_found', 'approval_missing'])
    rmSync(findFile(world.state, /approval\.key$/))
    expect(await codes()).toEqual(['scope_exceeded', 'secret_found', 'approval_missing'])
  })

  it('looks again where what was found before is damaged', async () => {
    await codes()
    writeFileSync(findFile(world.state, /secrets\.json$/), '{"format":1')
    expect(await codes()).toContain('secret_found')
    expect(parseOutcome(z.looseObject({ repos: z.looseObject({}) }), { args: [], exit: 0, stdout: readFileSync(findFile(world.state, /secrets\.json$/), 'utf8'), stderr: '' }, 0).repos).toHaveProperty('api')
  })
})
