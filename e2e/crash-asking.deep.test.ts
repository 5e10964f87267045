import { setTimeout as delay } from 'node:timers/promises'
import { acpPrograms } from '@signalbox/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type * as z from 'zod'
import { askedForm, nameAgent } from './harness/asking-agent.ts'
import { isGone, killSupervisor, readLiveEvents } from './harness/live-run.ts'
import { findEndFaults, showRun } from './harness/run-faults.ts'
import { serveWorld, type ServedWorld } from './harness/served-world.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

/** `npm run test:crash` kills more. */
const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 8)
const seed = Number(process.env['SIGNALBOX_SEED'] ?? Date.now() % 100_000)

const victims = ['agent', 'supervisor', 'both', 'server'] as const

let world: World
let server: ServedWorld
let random = seed

/** A number from 0 to 1; the same sequence for the same seed. */
function next(): number {
  random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
  return random / 2_147_483_648
}

beforeAll(async () => {
  world = await createWorld()
  nameAgent(world, 'liar', [process.execPath, acpPrograms.lying], { LYING_AGENT_PAUSE: '80' })
  await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
  server = await serveWorld(world)
})
afterAll(async () => {
  await server.stop()
  await world.close()
})

it(`ends ${kills} runs of an agent that talks truly, whoever is killed when (seed ${seed})`, { timeout: 60_000 + kills * 30_000 }, async () => {
  const ended: Record<string, number> = {}
  for (let round = 0; round < kills; round += 1) {
    const victim = victims[round % victims.length] ?? 'agent'
    const task = await newTask(world, `Be killed ${round}`, '--repo', 'api')
    const { id } = await world.ask(askedForm, ['run', task, '--agent', 'liar', '--detach'])
    await delay(next() * 1_500)
    const agent = agentOf(id)
    if (victim === 'server') {
      await server.kill()
      await server.restart()
    }
    if ((victim === 'agent' || victim === 'both') && agent !== undefined) killIfThere(agent)
    if (victim === 'supervisor' || victim === 'both') await killSupervisor(world, id).catch(() => undefined)
    const run = await answerToEnd(id)
    const where = `round ${round}, ${victim} killed, seed ${seed}`
    // The server is to live on.
    expect((await findEndFaults(world, await showRun(world, id))).filter((fault) => !fault.endsWith('serve --json')), where).toEqual([])
    expect(run.handoff, where).toMatch(/^H/)
    if (agent !== undefined) expect(isGone(agent), where).toBe(true)
    // Who was not killed, and whose agent was not, is done; all others are called what they are.
    const allowed = victim === 'server' ? ['completed'] : victim === 'agent' ? ['completed', 'failed'] : ['completed', 'failed', 'interrupted']
    expect(allowed, where).toContain(run.outcome)
    ended[`${victim} ${run.outcome}`] = (ended[`${victim} ${run.outcome}`] ?? 0) + 1
  }
  if (process.env['SIGNALBOX_KILLS'] !== undefined) console.log(ended)
})

function agentOf(id: string): number | undefined {
  const started = readLiveEvents(world, id).find(({ type }) => type === 'run.started')
  return started === undefined ? undefined : (started.data as { pid: number }).pid
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Answers whatever is asked until the run has ended. */
async function answerToEnd(id: string): Promise<z.infer<typeof askedForm>> {
  for (;;) {
    const run = await world.ask(askedForm, ['show', id])
    if (run.state === 'ended') return run
    for (const { asked, state } of run.questions) if (state === 'open') await world.call(['answer', id, asked.id, '--allow', '--json'])
    await delay(50)
  }
}
