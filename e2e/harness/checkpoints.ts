import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll } from '@signalbox/testkit'
import * as z from 'zod'
import { runForm } from './contract.ts'
import { readLiveEvents, untilSeen } from './live-run.ts'
import type { EventValue } from './record.ts'
import type { World } from './world.ts'

/** When checkpoints of a world's runs are taken: in tenths of seconds, so that a test sees many. */
export const quick = { rest_seconds: 0.1, busy_seconds: 0.2, seconds_between: 0, keep: 50 } as const

/** Writes a policy for checkpoints into `signalbox.yaml`. */
export function setCheckpoints(world: World, policy: Readonly<Record<string, string | number>>): void {
  appendFileSync(join(world.memory, 'signalbox.yaml'), `checkpoints:\n${Object.entries(policy).map(([key, value]) => `  ${key}: ${value}\n`).join('')}`)
  commitAll(world.memory, 'Say when checkpoints are taken')
}

/** What `show` says of when a run was saved. */
export const savedRunForm = runForm.extend({
  from: z.string().nullable(),
  timeline: z.array(z.looseObject({ at: z.string(), kind: z.enum(['checkpoint', 'round', 'failed']), snapshot: z.string().nullable(), reason: z.string(), because: z.string().nullable(), heldMs: z.int().nullable(), thinned: z.boolean(), files: z.int().nullable(), insertions: z.int().nullable(), deletions: z.int().nullable() })),
})

/** Waits until a run has so many events of a type, and returns them. */
export function untilEvents(world: World, run: string, type: string, count: number): Promise<readonly EventValue[]> {
  return untilSeen(`${count} of ${type} of ${run}`, () => {
    const found = readLiveEvents(world, run).filter((event) => event.type === type)
    return found.length >= count ? found : undefined
  })
}
