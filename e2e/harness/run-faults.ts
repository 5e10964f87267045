import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { git } from '@signalbox/testkit'
import * as z from 'zod'
import { runForm } from './contract.ts'
import { findProcessesOf } from './leftovers.ts'
import { readRecordedEvents } from './record.ts'
import type { World } from './world.ts'

const endedForm = runForm.extend({ because: z.string() })
export type EndedRun = z.infer<typeof endedForm>

/** Asks for a run, which also settles what a kill left of it. */
export function showRun(world: World, run: string): Promise<EndedRun> {
  return world.ask(endedForm, ['show', run])
}

/** Returns everything about the end of a run that is not as promised, from the files that are left of it. */
export async function findEndFaults(world: World, run: EndedRun): Promise<readonly string[]> {
  // A supervisor that has recorded the end, or found it recorded, takes a moment to leave.
  const alive = await processesAfter(world, 10_000)
  const handoffs = readRecords(world, 'handoffs').filter((text) => new RegExp(`^run: ${run.id}$`, 'm').test(text))
  const events = readRecordedEvents(world, run.id).map(({ type }) => type)
  const task = readRecords(world, 'tasks').find((text) => text.includes(`id: ${run.task}\n`)) ?? ''
  const saved = run.snapshots.length > 0 || handoffs.some((text) => text.includes('nothing could be sealed'))
  return [
    ...(run.state === 'ended' && run.because.length > 10 ? [] : [`it is ${run.state}: ${run.because}`]),
    ...(handoffs.length === 1 && run.handoff !== null ? [] : [`it has ${handoffs.length} handoffs and names ${run.handoff}`]),
    ...(handoffs.every((text) => text.includes(`${run.id} (${run.agent}) ${run.outcome}`)) ? [] : [`it ended as ${run.outcome}, and its handoff says otherwise: ${handoffs.join('\n')}`]),
    ...(saved ? [] : ['it has neither a snapshot nor a reason for having none']),
    ...(events.filter((type) => type === 'run.ended').length === 1 ? [] : [`the memory repo does not record one end: ${events.join(' ')}`]),
    ...(/^status: (ready|review)$/m.test(task) ? [] : [`its task did not move on: ${task}`]),
    ...alive.map((line) => `still alive: ${line}`),
    ...findUnusable(run),
    ...git(world.memory, 'status', '--porcelain').split('\n').filter((line) => line !== '').map((line) => `not committed: ${line}`),
  ]
}

/** Returns what is still alive after at most so many milliseconds. */
async function processesAfter(world: World, ms: number): Promise<readonly string[]> {
  const end = performance.now() + ms
  for (;;) {
    const alive = findProcessesOf(world.dir)
    if (alive.length === 0 || performance.now() > end) return alive
    await delay(25)
  }
}

function readRecords(world: World, folder: string): readonly string[] {
  const path = join(world.memory, folder)
  return existsSync(path) ? readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8')) : []
}

/** A human must be able to go on in what the run left, with git. */
function findUnusable({ workspace, repos, snapshots }: EndedRun): readonly string[] {
  if (workspace === null || snapshots.length === 0) return []
  return repos.flatMap(({ repo }) => {
    try {
      git(join(workspace, repo), 'status')
      return []
    } catch (error) {
      return [String(error)]
    }
  })
}
