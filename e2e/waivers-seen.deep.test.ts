import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { createCall, type ApiCall } from './harness/api-call.ts'
import { gateForm, runForm, waiversForm } from './harness/contract.ts'
import { saveWorld } from './harness/saved-world.ts'
import { serveWorld, type ServedWorld } from './harness/served-world.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

afterAll(removeTempDirs)

describe('a yes over the network', () => {
  let world: World
  let server: ServedWorld
  let call: ApiCall
  let restore: () => void
  const gate = async (): Promise<z.infer<typeof gateForm>> => world.ask(gateForm, ['gate', 'R0001'], 4)
  const left = async (): Promise<readonly unknown[]> => (await gate()).blockers.map(({ code, data }) => data['check'] ?? code)
  const check = async (lint: number, test: number): Promise<void> => {
    writeFileSync(join(world.dir, 'lint'), String(lint))
    writeFileSync(join(world.dir, 'test'), String(test))
    await world.call(['check', 'R0001'])
  }
  const seen = async (name: string): Promise<object> => {
    const { digest, blockers } = await gate()
    const { code, repo, data } = blockers.find((blocker) => blocker.data['check'] === name) ?? {}
    return { code, repo, data, digest, because: 'known' }
  }
  const waive = (body: object): Promise<unknown> => call('POST', '/api/runs/R0001/waive', body)

  beforeAll(async () => {
    world = await createWorld()
    const api = world.source('api', { 'a.txt': 'a\n' })
    for (const name of ['lint', 'test']) writeFileSync(join(world.dir, name), '1')
    await addRepo(world, 'api', api, `lint=exit $(cat '${join(world.dir, 'lint')}')`, `test=exit $(cat '${join(world.dir, 'test')}')`)
    await newTask(world, 'Change it', '--repo', 'api')
    await runScript(world, 'T0001', `echo b > a.txt; git -C '${api}' branch beside`)
    restore = await saveWorld(world)
  })
  beforeEach(async () => {
    restore()
    server = await serveWorld(world)
    call = await createCall(world, server.url)
    return () => server.stop()
  })
  afterAll(() => world.close())

  it('covers the one check that was shown, and not the other that is red under the same code', async () => {
    expect(await left()).toEqual(['lint', 'test', 'approval_missing'])
    expect(await waive(await seen('lint'))).toMatchObject({ waivers: [{ code: 'checks_failed', data: { check: 'lint' } }] })
    expect(await left()).toEqual(['test', 'approval_missing'])
  })

  it('covers nothing that became different while it was looked at', async () => {
    const shown = await seen('lint')
    await check(2, 1)
    await expect(waive(shown)).rejects.toThrow(/409.*record\.changed_underneath/)
    await check(0, 1)
    await expect(waive(shown)).rejects.toThrow(/409/)
    expect(await left()).toEqual(['test', 'approval_missing'])
  })

  it('is refused where it does not say what was seen', async () => {
    const { data: _data, ...unsaid } = { data: {}, ...(await seen('lint')) }
    await expect(waive(unsaid)).rejects.toThrow(/400.*input\.invalid/)
    await expect(call('POST', '/api/runs/R0001/seal', { mine: 'me' })).rejects.toThrow(/400.*input\.invalid/)
    expect(await left()).toEqual(['lint', 'test', 'approval_missing'])
  })

  it('calls only those changes beside a run the human\'s own that were shown', async () => {
    const { sources } = await world.ask(runForm, ['show', 'R0001'])
    expect(sources).toMatchObject([{ changes: [{ name: 'refs/heads/beside' }], accepted: null }])
    const less = sources.map((look) => ({ ...look, changes: [] }))
    await expect(call('POST', '/api/runs/R0001/seal', { mine: 'me', sources: less })).rejects.toThrow(/409.*record\.changed_underneath/)
    expect(await call('POST', '/api/runs/R0001/seal', { mine: 'me', sources })).toMatchObject({ sources: [{ accepted: { because: 'me' } }] })
  })

  it('on the command line may name one check', async () => {
    const named = await world.ask(waiversForm, ['waive', 'R0001', 'checks_failed', '--check', 'lint', '--because', 'x'])
    expect(named.waivers.map(({ data }) => data['check'])).toEqual(['lint'])
    expect((await gate()).blockers[0]?.remedy.waive).toBe("signalbox waive R0001 checks_failed --repo api --check test --because ''")
    expect((await world.refused('waive', 'R0001', 'checks_failed', '--check', 'lint', '--because', 'x')).error.code).toBe('waiver.not_needed')
  })

  it('on the command line, naming no check, means all of the code and says each', async () => {
    const { stdout } = await world.call(['waive', 'R0001', 'checks_failed', '--because', 'x'])
    expect(stdout).toMatch(/Check lint of api[^]*Check test of api/)
    expect(await left()).toEqual(['approval_missing'])
  })
})
