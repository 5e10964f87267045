import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fingerprints, type Fingerprints } from './harness/compare.ts'
import { approvalForm, failureForm } from './harness/contract.ts'
import { findFile, findFiles } from './harness/find-files.ts'
import { saveWorld } from './harness/saved-world.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

const eventForm = z.looseObject({ seq: z.int(), type: z.string() })

afterAll(removeTempDirs)

describe('an approval that nobody gave on this machine does not count', () => {
  let world: World
  let api: string
  let before: Fingerprints
  let restore: () => void
  const published = (): string => join(world.memory, 'runs', 'R0001', 'events.jsonl')

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'file.txt': 'before\n' })
    await addRepo(world, 'api', api)
    await newTask(world, 'Change it', '--repo', 'api')
    await newTask(world, 'Something else', '--repo', 'api')
    for (const task of ['T0001', 'T0002']) await runScript(world, task, 'echo after > file.txt')
    // From here on this machine has a key that a forged seal is compared with.
    await world.ask(approvalForm, ['approve', 'R0002'])
    before = fingerprints([api])
    restore = await saveWorld(world)
  })
  beforeEach(() => restore())
  afterAll(() => world.close())

  /** Approves for real, then returns the approval event with everything of it genuine but its time: no key, no seal. */
  async function forge(): Promise<string> {
    await world.ask(approvalForm, ['approve', 'R0001'])
    const line = readFileSync(published(), 'utf8').trimEnd().split('\n').at(-1) ?? ''
    expect(eventForm.parse(JSON.parse(line)).type).toBe('approval.granted')
    restore()
    return line.replace(/"seal":"[0-9a-f]+"/, `"seal":"${'0'.repeat(64)}"`)
  }

  const deleteLiveLogs = (): void => findFiles(world.state, /events\.jsonl$/).forEach((log) => rmSync(log))

  async function expectRefusal(): Promise<void> {
    const { error, blockers } = await world.refused('merge', 'R0001')
    expect(error.code).toBe('gate.blocked')
    expect(blockers).toMatchObject([{ code: 'approval_missing' }])
    expect(fingerprints([api])).toEqual(before)
  }

  it('written into the published log, where the live one says otherwise', async () => {
    appendFileSync(published(), `${await forge()}\n`)
    git(world.memory, 'commit', '--quiet', '--all', '--message', 'T0001: approve R0001')
    await expectRefusal()
  })

  it('written into the published log, which is all there is', async () => {
    appendFileSync(published(), `${await forge()}\n`)
    git(world.memory, 'commit', '--quiet', '--all', '--message', 'T0001: approve R0001')
    deleteLiveLogs()
    await expectRefusal()
  })

  it('given on another machine and pulled', async () => {
    // The other machine knows the same memory repo and holds the same snapshots, but has a key of its own.
    const elsewhere = join(world.dir, 'other-machine')
    cpSync(world.state, elsewhere, { recursive: true, verbatimSymlinks: true })
    rmSync(findFile(elsewhere, /approval\.key$/))
    const given = await world.signalbox(['approve', 'R0001', '--json'], { env: { SIGNALBOX_STATE: elsewhere } })
    const { approval } = parseOutcome(approvalForm, given, 0)
    expect(readFileSync(published(), 'utf8')).toContain(approval.digest)
    await expectRefusal()
    deleteLiveLogs()
    await expectRefusal()
  })

  it('sealed with a key that is none any more, which is said with what helps', async () => {
    await world.ask(approvalForm, ['approve', 'R0001'])
    const file = findFile(world.state, /approval\.key$/)
    writeFileSync(file, '')
    await expectRefusal()
    const { error } = await world.ask(failureForm, ['approve', 'R0001'], 2)
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringContaining(file), hint: expect.stringContaining('backup') })
    expect((await world.call(['doctor', '--fix'])).stdout).toContain(`approvals  ${file}`)
    expect(readFileSync(file, 'utf8')).toBe('')
    rmSync(file)
    await world.ask(approvalForm, ['approve', 'R0001'])
    expect((await world.call(['merge', 'R0001'])).exit).toBe(0)
  })

  it('and the real one, given here, does', async () => {
    await world.ask(approvalForm, ['approve', 'R0001'])
    deleteLiveLogs()
    expect((await world.signalbox(['merge', 'R0001'])).exit).toBe(0)
  })
})
