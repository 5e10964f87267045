import { readdirSync, readFileSync } from 'node:fs'
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

beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'api', world.source('api', { 'file.txt': 'x\n' }))
  const { url, pid } = parseOutcome(serverForm, await world.signalbox(['serve', '--detach', '--json']), 0)
  server = { pid, call: await createCall(world, url) }
})
afterAll(async () => {
  await world.signalbox(['serve', '--stop', '--stop-runs'])
  await world.close()
})

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
async function startRun(): Promise<{ readonly id: string; readonly supervisor: number }> {
  const task = await newTask(world, 'Long', '--repo', 'api')
  const { id } = runForm.parse(await server.call('POST', `/api/tasks/${task}/runs`, { agent: 'shell', argv: ['sh', '-c', 'echo done > file.txt; while :; do sleep 0.1; done'] }))
  const supervisor = await until('the supervisor', () => readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && readCommand(pid).some((word) => word.endsWith('supervisor.js')) && readCommand(pid).at(-1) === id))
  await until('the agent to work', async () => (runForm.parse(await server.call('GET', `/api/runs/${id}`)).state === 'running' ? true : undefined))
  return { id, supervisor: Number(supervisor) }
}

function readCommand(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return [] // it ended meanwhile
  }
}

it('a server has a process that starts what it needs; should that be killed, it starts things itself', async () => {
  const starter = await until('the process', findStarter)
  // Until that is ready, the server starts things itself, too.
  const first = await until('a run that is started by it', async () => {
    const run = await startRun()
    return parentOf(String(run.supervisor)) === starter ? run : undefined
  })

  process.kill(starter, 'SIGKILL')
  await until('it to be gone', () => (findStarter() === undefined ? true : undefined))
  const second = await startRun()
  expect(parentOf(String(second.supervisor))).toBe(server.pid)
  for (const { id } of [first, second]) expect(runForm.parse(await server.call('GET', `/api/runs/${id}`))).toMatchObject({ id, state: 'running' })
})
