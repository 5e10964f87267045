import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runIdSchema } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openServerState } from '../compose/server-state.ts'
import { mintCode, redeemCode } from './launch-codes.ts'
import { writeLaunchPage } from './launch-page.ts'
import type { ServerState } from './server-state.ts'
import { openSession } from './session.ts'
import { createTokenReader, mintToken } from './tokens.ts'

afterAll(removeTempDirs)

const now = new Date('2026-11-23T10:00:00Z')
const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000)
const run = runIdSchema.parse('R0001')

let state: ServerState
beforeEach(() => {
  state = openServerState(createTempDir('memory'), { SIGNALBOX_STATE: createTempDir('state') })
})

/** Every file of the state folder below one folder of it. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(join(state.folder, folder)).map((name) => join(state.folder, folder, name))
}

describe('a token', () => {
  test('speaks for its role, in a reader that was there before it', async () => {
    const find = createTokenReader(state)
    const [cli, agent] = [await mintToken(state, { role: 'cli', run: null }, 'now'), await mintToken(state, { role: 'agent', run }, 'now')]
    expect(await find(cli)).toMatchObject({ role: 'cli', run: null })
    expect(await find(agent)).toMatchObject({ role: 'agent', run: 'R0001' })
  })

  test('is 256 random bits, and nowhere on disk', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => mintToken(state, { role: 'cli', run: null }, 'now')))
    expect(new Set(tokens).size).toBe(20)
    for (const token of tokens) {
      expect(Buffer.from(token, 'base64url')).toHaveLength(32)
      for (const file of filesIn('tokens')) expect(file + readFileSync(file, 'utf8')).not.toContain(token)
    }
  })

  test('lies where only its owner may look', async () => {
    await mintToken(state, { role: 'cli', run: null }, 'now')
    expect([...filesIn('tokens'), join(state.folder, 'tokens'), state.folder].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['600', '700', '700'])
  })

  test.each(['', 'x', '../../memory', 'a'.repeat(43), `${'a'.repeat(42)}/`, 'A'.repeat(5_000)])('that nobody made lets nobody in: %j', async (token) => {
    await mintToken(state, { role: 'cli', run: null }, 'now')
    expect(await createTokenReader(state)(token)).toBeUndefined()
  })

  test('ends with its file within seconds, for a reader that knew it', async () => {
    const token = await mintToken(state, { role: 'cli', run: null }, 'now')
    const find = createTokenReader(state)
    expect(await find(token)).toMatchObject({ role: 'cli' })
    filesIn('tokens').forEach((file) => rmSync(file))
    await vi.waitFor(async () => expect(await find(token)).toBeUndefined(), { timeout: 5_000 })
  })

  test('ends with its file, and a damaged file lets nobody in', async () => {
    const token = await mintToken(state, { role: 'cli', run: null }, 'now')
    const [file = ''] = filesIn('tokens')
    for (const damage of ['', '{"role":"cli"', '{"role":"root","run":null,"createdAt":"now"}', '{"role":"agent","run":null,"createdAt":"now"}']) {
      writeFileSync(file, damage)
      expect(await createTokenReader(state)(token)).toBeUndefined()
    }
    rmSync(file)
    expect(await createTokenReader(state)(token)).toBeUndefined()
  })
})

describe('a launch code', () => {
  test('lets exactly one of many in', async () => {
    const { code } = await mintCode(state, now)
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => redeemCode(state, code, minutes(1))))
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    expect(await redeemCode(state, code, minutes(1))).toBe(false)
  })

  test.each([
    ['at its end', minutes(10)],
    ['long after', minutes(60 * 24 * 365 * 10)],
    ['before it was made, by a clock that was set back', minutes(-1)],
  ])('lets nobody in %s', async (_when, then) => {
    const { code } = await mintCode(state, now)
    expect(await redeemCode(state, code, then)).toBe(false)
  })

  test.each(['', 'x', '../tokens/x', 'a'.repeat(43)])('that nobody made lets nobody in: %j', async (code) => {
    expect(await redeemCode(state, code, now)).toBe(false)
  })

  test('that nobody used goes when the next is made, with the page that leads to it', async () => {
    const { code } = await mintCode(state, now)
    await writeLaunchPage(state, `http://127.0.0.1:4711/#code=${code}`)
    expect(filesIn('launch')).toHaveLength(2)
    await mintCode(state, minutes(11))
    expect(filesIn('launch')).toHaveLength(1)
  })

  test('has a page of its owner only, which goes with it', async () => {
    const { code } = await mintCode(state, now)
    const page = await writeLaunchPage(state, `http://127.0.0.1:4711/#code=${code}`)
    expect(readFileSync(page, 'utf8')).toContain(`url=http://127.0.0.1:4711/#code=${code}"`)
    expect(statSync(page).mode & 0o777).toBe(0o600)
    expect(await redeemCode(state, code, now)).toBe(true)
    expect(filesIn('launch')).toEqual([])
    await expect(writeLaunchPage(state, 'http://127.0.0.1:4711/#code="><script>')).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('is traded for the token of a page', async () => {
    const { code } = await mintCode(state, now)
    const session = await openSession(state, { code }, now)
    expect(await createTokenReader(state)('token' in session ? session.token : '')).toMatchObject({ role: 'ui', run: null })
    expect(await openSession(state, { code }, now)).toMatchObject({ status: 403 })
  })

  test.each([[{}], [{ code: 7 }], [{ code: 'x', role: 'cli' }], [undefined], [null]])('is refused in the form %j', async (body) => {
    expect(await openSession(state, body, now)).toMatchObject({ status: 400 })
  })
})
