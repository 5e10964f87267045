import childProcess, { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, expect, test, vi } from 'vitest'
import { createStarter, type Starter } from './starter.ts'
import type { ProgramCall } from './stream-program.ts'

afterAll(removeTempDirs)

const dir = createTempDir()
const env = { PATH: process.env['PATH'] ?? '' }
const shell = (script: string): ProgramCall => ({ file: 'sh', args: ['-c', script], cwd: dir, env, timeoutMs: 30_000, maxBytes: 1 << 20 })

/** Process id of whoever starts what is asked for now. */
async function parentOf(starter: Starter): Promise<number> {
  const end = await starter.run(shell('echo $PPID'))
  return end.kind === 'exited' ? Number(end.stdout.toString()) : Number.NaN
}

async function readyStarter(): Promise<{ readonly starter: Starter; readonly pid: number }> {
  const starter = createStarter()
  await expect.poll(() => parentOf(starter), { timeout: 20_000 }).not.toBe(process.pid)
  return { starter, pid: await parentOf(starter) }
}

/** Whether a process runs: one that has ended may wait to be collected, in a container for ever. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false // that is the question
  }
}

/** Runs a program that made a starter and says its pid, and returns it with what it said. */
async function spawnOwner(script: string): Promise<{ readonly owner: ReturnType<typeof spawn>; readonly said: readonly string[] }> {
  const file = join(createTempDir(), 'owner.ts')
  writeFileSync(file, `import { createStarter } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'starter.ts')).href)}\nconst call = ${JSON.stringify(shell('echo $PPID'))}\n${script}`)
  const owner = spawn(process.execPath, ['--no-warnings', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  owner.stdout?.on('data', (chunk: Buffer) => said.push(...chunk.toString().trim().split('\n')))
  return { owner, said }
}

const untilReady = "const starter = createStarter()\nlet parent = process.pid\nwhile (parent === process.pid) parent = Number((await starter.run(call)).stdout.toString())\n"

test('until it is ready, programs are started from here', async () => {
  const starter = createStarter()
  expect(await parentOf(starter)).toBe(process.pid)
  starter.close()
})

test('its end is told to whoever waits, ends what it ran and not what it launched, and programs are started from here again', async () => {
  const { starter, pid } = await readyStarter()
  const file = join(createTempDir(), 'pid')
  const launch = await starter.launch({ ...shell('exec sleep 60'), log: join(dir, 'log') })
  const launched = launch.kind === 'launched' ? launch.pid : 0
  const waiting = starter.run(shell(`echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 60`))
  await expect.poll(() => existsSync(file)).toBe(true)
  process.kill(pid, 'SIGKILL')
  await expect(waiting).resolves.toMatchObject({ kind: 'failed', why: 'ended' })
  await expect.poll(() => isAlive(Number(readFileSync(file, 'utf8')))).toBe(false)
  expect(isAlive(launched)).toBe(true)
  process.kill(launched)
  expect(await parentOf(starter)).toBe(process.pid)
  await expect(starter.launch({ ...shell('true'), log: join(dir, 'log') })).resolves.toMatchObject({ kind: 'launched' })
})

test('one that hangs is given up a while after the time of a program is over', async () => {
  const { starter, pid } = await readyStarter()
  process.kill(pid, 'SIGSTOP')
  await expect(starter.run({ ...shell('true'), timeoutMs: 300 })).resolves.toMatchObject({ kind: 'failed', why: 'ended' })
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect(await parentOf(starter)).toBe(process.pid)
})

test('what passes through it does not stay with it', async () => {
  const { starter, pid } = await readyStarter()
  const end = await starter.run({ ...shell('head -c 400000000 /dev/zero'), maxBytes: 1 << 30 })
  expect(end.kind === 'exited' && end.stdout.length).toBe(400_000_000)
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  expect(Number(kb)).toBeLessThan(250_000)
  starter.close()
})

test('without memory for it, programs are started from here', async () => {
  const fork = vi.spyOn(childProcess, 'fork').mockImplementation(() => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' })
  })
  syncBuiltinESMExports()
  try {
    const starter = createStarter()
    expect(await parentOf(starter)).toBe(process.pid)
    starter.close()
  } finally {
    fork.mockRestore()
    syncBuiltinESMExports()
  }
})

test('closed while programs run, it tells how they ended, and is gone', async () => {
  const { starter, pid } = await readyStarter()
  const waiting = starter.run(shell('sleep 0.5; echo done'))
  starter.close()
  expect(await parentOf(starter)).toBe(process.pid)
  await expect(waiting).resolves.toMatchObject({ kind: 'exited', exitCode: 0, stdout: Buffer.from('done\n') })
  await expect.poll(() => isAlive(pid)).toBe(false)
})

test('closed, it is gone, and asking goes on from here', async () => {
  const { starter, pid } = await readyStarter()
  starter.close()
  starter.close()
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect(await parentOf(starter)).toBe(process.pid)
})

test('is not ended by what ends a terminal’s programs, for its owner has work to end', async () => {
  const { starter, pid } = await readyStarter()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal)
  expect(await parentOf(starter)).toBe(pid)
  starter.close()
})

test('ends with a killed owner, and what it launched goes on', async () => {
  const log = join(dir, 'launched')
  const { owner, said } = await spawnOwner(`${untilReady}const { pid } = await starter.launch({ ...call, args: ['-c', 'exec sleep 60'], log: ${JSON.stringify(log)} })\nconsole.log(parent, pid)\nsetInterval(() => {}, 1000)`)
  await expect.poll(() => said[0], { timeout: 20_000 }).toMatch(/^\d+ \d+$/)
  const [starterPid = 0, launched = 0] = (said[0] ?? '').split(' ').map(Number)
  owner.kill('SIGKILL')
  await expect.poll(() => isAlive(starterPid)).toBe(false)
  expect(isAlive(launched)).toBe(true)
  process.kill(launched)
})

test('keeps its owner alive for as long as something is waited for, and no longer', async () => {
  const { owner, said } = await spawnOwner(`${untilReady}const end = await starter.run({ ...call, args: ['-c', 'sleep 0.5; echo done'] })\nconsole.log(end.stdout.toString())`)
  const [exit] = await once(owner, 'exit')
  expect(exit).toBe(0)
  expect(said).toContain('done')
})
