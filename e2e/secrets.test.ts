import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { removeTempDirs, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gateForm, runForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

afterAll(removeTempDirs)

// Made here, so that no file of ours holds what looks like a credential.
const makeToken = (): string => `ghp_${randomBytes(18).toString('hex')}`
const makeKey = (): string => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const prose = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('')

describe('credentials in what a round adds', () => {
  let world: World
  let checkout: string
  /** Seals what lies in the workspace and returns what the gate says of credentials. */
  const look = async (files: Files): Promise<{ readonly message: string; readonly data: Readonly<Record<string, unknown>> } | undefined> => {
    writeFiles(checkout, files)
    await world.ask(runForm, ['seal', 'R0001'])
    return (await world.ask(gateForm, ['gate', 'R0001'], 4)).blockers.find(({ code }) => code === 'secret_found')
  }

  beforeAll(async () => {
    world = await createWorld()
    const known = `${prose}TOKEN=${makeToken()}\n`
    await addRepo(world, 'api', world.source('api', { 'here.txt': known, 'moves.txt': known, 'server.pem': makeKey(), 'fixture.txt': '' }))
    await newTask(world, 'Change it', '--repo', 'api')
    const { workspace } = await runScript(world, 'T0001', 'echo changed >> here.txt')
    checkout = join(workspace ?? '', 'api')
  })
  afterAll(() => world.close())

  it('are not what was there before, also where lines beside it are new or the file has moved', async () => {
    renameSync(join(checkout, 'moves.txt'), join(checkout, 'moved.txt'))
    expect(await look({ 'more.txt': 'more\n' })).toBeUndefined()
  })

  it('are found where a NUL makes a file binary, and in UTF-16', async () => {
    const token = makeToken()
    const found = await look({ 'nul.bin': Buffer.from(`\0\nTOKEN=${token}\n`), 'wide.txt': Buffer.from(`\ufeffTOKEN=${token}\r\n`, 'utf16le'), 'noise.png': Buffer.concat([Buffer.from('\x89PNG\0', 'latin1'), randomBytes(200_000)]) })
    expect(found).toMatchObject({ data: { secrets: [{ path: 'nul.bin', line: 2, rule: 'github' }, { path: 'wide.txt', line: 1, rule: 'github' }], unscanned: [] } })
    writeFiles(checkout, { 'nul.bin': null, 'wide.txt': null, 'noise.png': null })
  })

  it('are found in a key that was replaced between its first and last line', async () => {
    expect(await look({ 'server.pem': makeKey() })).toMatchObject({ data: { secrets: [{ path: 'server.pem', line: 2, rule: 'privatekey' }], unscanned: [] } })
  })

  it('are named once a line, and not looked for without end', async () => {
    const found = await look({ 'server.pem': null, 'a.txt': `${makeToken()} ${makeToken()}\n`, 'many.txt': `${prose}${Array.from({ length: 40_000 }, () => `${makeToken()}\n`).join('')}`, 'z.txt': 'z\n' })
    expect(found).toMatchObject({ message: expect.stringMatching(/^api adds what looks like \d+ credentials: a\.txt:1 \(github\), many\.txt:31 .*\. It adds more than is looked through for credentials: many\.txt, more\.txt, z\.txt$/), data: { paths: ['a.txt', 'many.txt', 'more.txt', 'z.txt'] } })
  })

  it('may be in text too much to look through, which is named', async () => {
    const found = await look({ 'a.txt': null, 'many.txt': null, 'z.txt': null, 'fixture.txt': 'x'.repeat(4 * 1024 * 1024 + 1) })
    expect(found).toMatchObject({ message: 'api adds more than is looked through for credentials: fixture.txt', data: { secrets: [], unscanned: [{ path: 'fixture.txt' }] } })
  })
})
