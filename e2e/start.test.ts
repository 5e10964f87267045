import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createTempDir, git, removeTempDirs } from '@signalbox/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

const bin = fileURLToPath(new URL('../apps/cli/bin/signalbox.mjs', import.meta.url))
const base = createTempDir('start')
const temporary = join(base, 'tmp')
const env = { HOME: join(base, 'home'), TMPDIR: temporary, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' }
for (const folder of [env.HOME, temporary]) mkdirSync(folder)
const started: ChildProcessWithoutNullStreams[] = []

afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  removeTempDirs()
})

/** What `npm start` runs, asked for one line that programs can read. */
function start(...args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [bin, 'serve', '--or-demo', '--json', ...args], { cwd: base, env })
  started.push(child)
  return child
}

const gateForm = z.looseObject({ verdict: z.string(), blockers: z.array(z.looseObject({ code: z.string(), repo: z.string().optional(), remedy: z.looseObject({ command: z.string().optional() }) })) })

describe('somebody without a memory repo', () => {
  it('gets a demo whose run waits for review, with one dirty target and the command that clears it; Ctrl-C ends it in order', async () => {
    const server = start()
    const [line] = await once(createInterface({ input: server.stdout }), 'line')
    const { url } = z.looseObject({ url: z.url() }).parse(JSON.parse(String(line)))
    expect((await fetch(url)).status).toBe(200)
    const demo = join(temporary, readdirSync(temporary).find((name) => name.startsWith('signalbox-demo-')) ?? '')
    const ask = (...args: readonly string[]): { readonly status: number | null; readonly value: unknown } => {
      const { status, stdout } = spawnSync(join(demo, 'signalbox'), [...args, '--json'], { cwd: base, env, encoding: 'utf8' })
      return { status, value: JSON.parse(stdout) }
    }
    const gate = ask('gate', 'R0001')
    expect(gate.status).toBe(4)
    const { verdict, blockers } = gateForm.parse(gate.value)
    expect(verdict).toBe('blocked')
    expect(blockers.map(({ code }) => code).toSorted()).toEqual(['approval_missing', 'target_dirty'])
    const dirt = blockers.find(({ code }) => code === 'target_dirty')
    expect(dirt).toMatchObject({ repo: 'web', remedy: { command: expect.stringMatching(/^git -C \S+web stash -u$/) } })
    expect(git(join(demo, 'web'), 'status', '--porcelain').trim()).toBe('M README.md')
    expect(ask('open')).toMatchObject({ status: 0, value: { url: expect.stringContaining(`${url}/#code=`) } })
    server.kill('SIGINT')
    expect(await once(server, 'exit')).toEqual([0, null])
    expect(readdirSync(env.HOME)).toEqual([])
  })

  it('is told so when the one that was named is not there, and no demo is played', async () => {
    const before = readdirSync(temporary)
    const server = start('--memory', join(base, 'nowhere'))
    let told = ''
    server.stdout.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')))
    expect(await once(server, 'close')).toEqual([3, null])
    expect(JSON.parse(told)).toMatchObject({ error: { code: 'memory.not_found' } })
    expect(readdirSync(temporary)).toEqual(before)
  })
})

it('serves the memory repo of somebody who has one', async () => {
  const memory = join(base, 'memory')
  expect(spawnSync(process.execPath, [bin, 'init', memory], { env }).status).toBe(0)
  const server = start()
  const [line] = await once(createInterface({ input: server.stdout }), 'line')
  expect(JSON.parse(String(line))).toMatchObject({ format: 1, pid: server.pid })
  expect(readdirSync(temporary).filter((name) => name.startsWith('signalbox-demo-'))).toHaveLength(1)
  server.kill('SIGTERM')
  expect(await once(server, 'exit')).toEqual([0, null])
})

it('says so when that memory repo is not where it was, instead of playing a demo', async () => {
  renameSync(join(base, 'memory'), join(base, 'moved'))
  const server = start()
  let told = ''
  server.stdout.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')))
  expect(await once(server, 'close')).toEqual([3, null])
  expect(JSON.parse(told)).toMatchObject({ error: { code: 'memory.not_found', message: expect.stringContaining(join(base, 'memory')) } })
  expect(readdirSync(temporary).filter((name) => name.startsWith('signalbox-demo-'))).toHaveLength(1)
})
