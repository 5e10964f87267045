import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll } from '@signalbox/testkit'
import * as z from 'zod'
import { diffForm, runForm } from './contract.ts'
import type { World } from './world.ts'

/** What the record of a run says of what its agent asked, beside the contract. */
export const askedForm = runForm.extend({
  because: z.string(),
  waitsFor: z.string().nullable(),
  session: z.object({ session: z.string(), mode: z.string().nullable() }).nullable(),
  spent: z.object({ tokens: z.number() }).nullable(),
  questions: z.array(z.object({ asked: z.looseObject({ id: z.string(), kind: z.string(), text: z.string() }), state: z.string(), answer: z.looseObject({ by: z.string() }).nullable() })),
})
export type AskedRun = z.infer<typeof askedForm>

/** Writes a program that speaks the Agent Client Protocol into the settings of a world, under a name. */
export function nameAgent(world: World, name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  appendFileSync(join(world.memory, 'signalbox.yaml'), `agents:\n  ${name}:\n    command: ${JSON.stringify(argv)}\n    env: ${JSON.stringify(env)}\n    speaks: acp\n`)
  commitAll(world.memory, `Name the agent ${name}`)
}

/** Waits until a run asks something, and returns it as it stands. */
export async function untilAsked(world: World, run: string, count = 1): Promise<AskedRun> {
  for (;;) {
    const seen = await world.ask(askedForm, ['show', run])
    if (seen.questions.filter(({ state }) => state === 'open').length >= count || seen.state === 'ended') return seen
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A diff, and where what the agent claimed and what it did stand apart. */
export const claimedForm = diffForm.extend({ claims: z.object({ absent: z.array(z.looseObject({})), unclaimed: z.array(z.looseObject({})).nullable(), outside: z.array(z.string()) }).optional() })
