import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempDir, removeTempDirs, run } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { createCall, type ApiCall } from './harness/api-call.ts'
import { serverForm } from './harness/contract.ts'
import { isZombie } from './harness/leftovers.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, parseOutcome, type World } from './harness/world.ts'

/** A run, as the API answers with it. */
const runForm = z.looseObject({ id: z.string(), state: z.string() })

let world: World
let server: { readonly pid: number; readonly call: ApiCall }

/** A git that notes which process started it. */
const bin = createTempDir('git')
const parents = join(bin, 'parents')

beforeAll(async () => {
  makeNotingGit()
  world = await createWorld({ PATH: [join(bin, 'bin'), process.env['PATH']].join(':') })
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'x\n' }))
  const { url, pid } = parseOutcome(serverForm, await world.signalbox(['serve', '--detach', '--json']), 0)
  server = { pid, call: await createCall(world, url) }
})
afterAll(async () => {
  await world.signalbox(['serve', '--stop', '--stop-runs'])
  await world.close()
  removeTempDirs()
})

/** Programs of git's own are found where it says that they are, and it itself in the folder above that has a `bin/git`. */
function makeNotingGit(): void {
  const real = run(bin, 'sh', ['-c', 'command -v git']).trim()
  mkdirSync(join(bin, 'bin'))
  mkdirSync(join(bin, 'libexec'))
  symlinkSync(run(bin, real, ['--exec-path']).trim(), join(bin, 'libexec', 'git-core'))
  writeFileSync(join(bin, 'bin', 'git'), `#!/bin/sh\necho $PPID >> '${parents}'\n[ "$1" = --exec-path ] && [ $# = 1 ] && exec echo '${join(bin, 'libexec', 'git-core')}'\nexec '${real}' "$@"\n`, { mode: 0o755 })
}

/** The live process that starts things for the server. */
function findStarter(): number | undefined {
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(name) === server.pid && !isZombie(name) && readCommand(name).at(-1)?.endsWith('starter-process.js') === true)
  return found === undefined ? undefined : Number(found)
}

function parentOf(pid: string): number | undefined {
  try {
    // After the name, which may hold anything: state, parent.
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined // it ended meanwhile
  }
}

/** Starts an agent that works until it is ended, and returns its run with the process that owns it. */
async function startRun(script = 'echo done > file.txt; while :; do sleep 0.1; done'): Promise<{ readonly id: string; readonly supervisor: number }> {
  const task = await newTask(world, 'Long', '--repo', 'api')
  const { id } = runForm.parse(await server.call('POST', `/api/tasks/${task}/runs`, { agent: 'shell', argv: ['sh', '-c', script] }))
  const supervisor = await until('the supervisor', () => readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && readCommand(pid).some((word) => word.endsWith('supervisor.js')) && readCommand(pid).at(-1) === id))
  return { id, supervisor: Number(supervisor) }
}

function readCommand(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return [] // it ended meanwhile
  }
}

/** Until the starter is ready, the server starts things itself, too. */
async function untilStarterStarts(): Promise<number> {
  const starter = await until('the process', findStarter)
  await until('a run that is started by it', async () => (parentOf(String((await startRun()).supervisor)) === starter ? true : undefined))
  return starter
}

const stateOf = async (id: string): Promise<string> => runForm.parse(await server.call('GET', `/api/runs/${id}`)).state

it('a server has a process that starts all it needs; should that be killed, it starts things itself', { timeout: 60_000 }, async () => {
  const starter = await untilStarterStarts()
  const short = await startRun('echo done > file.txt')
  await until('the run to end', async () => ((await stateOf(short.id)) === 'ended' && isGone(short.supervisor) ? true : undefined))
  // Those of supervisors are their own.
  const before = readFileSync(parents, 'utf8').length
  for (const [method, path, body] of acts) await server.call(method, path.replace('ID', short.id), body)
  const started = readFileSync(parents, 'utf8').slice(before).trim().split('\n').filter((pid) => !isSupervisor(pid))
  expect(started.length).toBeGreaterThan(acts.length)
  expect(new Set(started)).toEqual(new Set([String(starter)]))

  process.kill(starter, 'SIGKILL')
  await until('it to be gone', () => (findStarter() === undefined ? true : undefined))
  const long = await startRun()
  expect(parentOf(String(long.supervisor))).toBe(server.pid)
  await until('the agent to work', async () => ((await stateOf(long.id)) === 'running' ? true : undefined))
})

/** What makes a server look at repositories, and write and commit records. */
const acts = [
  ['GET', '/api/runs/ID/gate', undefined],
  ['GET', '/api/runs/ID/diff', undefined],
  ['POST', '/api/runs/ID/comments', { text: 'Well done' }],
  ['GET', '/api/doctor', undefined],
  ['POST', '/api/runs/ID/reject', { because: 'It was a try' }],
] as const

function isGone(pid: number): boolean {
  return parentOf(String(pid)) === undefined || isZombie(String(pid))
}

function isSupervisor(pid: string): boolean {
  return readCommand(pid).some((word) => word.endsWith('supervisor.js'))
}
