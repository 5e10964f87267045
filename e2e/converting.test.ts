import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkForm, gateForm, mergeForm, type RunValue } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** A repository whose text lies on disk with other line ends than git stores. */
describe('a source that converts line ends', () => {
  let world: World
  let api: string
  let ran: RunValue

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { '.gitattributes': '* text=auto\n*.bat text eol=crlf\n', 'run.bat': 'echo one\n', 'a.txt': 'a\n' })
    // A fresh checkout of all, as a clone would have made it.
    git(api, 'rm', '-rq', '--cached', '.')
    git(api, 'reset', '--quiet', '--hard')
    await addRepo(world, 'api', api, String.raw`crlf=test "$(tail -c 2 run.bat | od -An -tx1 | tr -d ' ')" = 0d0a`)
    await newTask(world, 'Say two', '--repo', 'api')
    ran = await runScript(world, 'T0001', String.raw`printf 'echo one\r\necho two\r\n' > run.bat; printf 'a\r\nb\r\n' > a.txt; git status --porcelain`)
  })
  afterAll(() => world.close())

  it('saves what git would store, and the bytes on disk beside it', () => {
    const [repo] = ran.snapshots.at(-1)?.repos ?? []
    expect(repo).toMatchObject({ files: 2, insertions: 2, deletions: 0, missing: [] })
    expect(repo?.['exactTree']).toMatch(/^[0-9a-f]{40}$/)
  })

  it('says so to people', async () => {
    expect((await world.call(['show', 'R0001'])).stdout).toContain('on disk otherwise than git stores it')
  })

  it('checks the bytes that the human would have', async () => {
    const { receipts } = await world.ask(checkForm, ['check', 'R0001'])
    expect(receipts).toMatchObject([{ name: 'crlf', exitCode: 0 }])
    expect(await world.ask(gateForm, ['gate', 'R0001'], 4)).toMatchObject({ blockers: [{ code: 'approval_missing' }] })
  })

  it('lands it, and the checkout is as git makes it, clean', async () => {
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    expect(['run.bat', 'a.txt'].map((name) => readFileSync(join(api, name), 'utf8'))).toEqual(['echo one\r\necho two\r\n', 'a\nb\n'])
    expect(git(api, 'status', '--porcelain')).toBe('')
    expect(git(api, 'show', 'main:run.bat')).toBe('echo one\necho two')
    await world.ask(mergeForm, ['undo', 'R0001'])
    expect(readFileSync(join(api, 'run.bat'), 'utf8')).toBe('echo one\r\n')
    expect(git(api, 'status', '--porcelain')).toBe('')
  })
})
