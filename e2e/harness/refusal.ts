import { expect } from 'vitest'
import * as z from 'zod'
import type { CallOptions, Outcome } from './cli.ts'
import { callSignalbox } from './cli.ts'
import { callLoaded } from './loaded-cli.ts'
import type { World } from './world.ts'

/** What somebody who made a mistake must be told. */
export interface Refusal {
  readonly args: readonly string[]
  /** Undefined where what lies below decides; never 0 or the one of a bug. */
  readonly exit: number | undefined
  readonly code: string | RegExp
  /** The thing it is about, named in the sentence. */
  readonly names: string | RegExp
}

/** Where and as whom it is typed, when not as usual. */
export type Elsewhere = Partial<Pick<CallOptions, 'cwd' | 'env' | 'uid' | 'noRoom'>>

/** The one value on standard output: nothing beside `format` and `error`, but for the refusal of a gate or of a second merge. */
const valueForm = z.strictObject({
  format: z.literal(1),
  error: z.strictObject({ code: z.string(), message: z.string().min(10), hint: z.string().min(10) }),
})
const gateForm = z.looseObject({ ...valueForm.shape, verdict: z.string(), blockers: z.array(z.looseObject({ message: z.string() })).min(1) })
const mergedForm = z.strictObject({ ...valueForm.shape, state: z.literal('merged'), repos: z.array(z.unknown()).min(1) })
const anyForm = z.union([valueForm, gateForm, mergedForm])

/** Requires the refusal as programs get it: one value on standard output. */
export async function expectRefused(world: World, { args, exit, code, names }: Refusal, elsewhere: Elsewhere = {}): Promise<void> {
  const { exit: ended, stdout } = await call(world, ['--json', ...args], elsewhere)
  const { error } = anyForm.parse(JSON.parse(stdout))
  expect(error).toMatchObject({ code: expect.stringMatching(code), message: expect.stringMatching(names) })
  if (exit === undefined) expect([2, 3, 4, 5]).toContain(ended)
  else expect(ended).toBe(exit)
}

/** Requires that people are told the same: sentence and next action on standard error, nothing on standard output. */
export async function expectRefusedInWords(world: World, { args, exit }: Refusal, elsewhere: Elsewhere = {}): Promise<void> {
  const [json, text] = await Promise.all([call(world, ['--json', ...args], elsewhere), call(world, args, elsewhere)])
  const value = anyForm.parse(JSON.parse(json.stdout))
  expect([text.exit, text.stdout]).toEqual([exit ?? json.exit, ''])
  for (const sentence of 'blockers' in value ? [value.blockers[0]?.message ?? ''] : [value.error.message, value.error.hint]) expect(text.stderr).toContain(sentence)
}

function call(world: World, args: readonly string[], { uid, noRoom, ...elsewhere }: Elsewhere): Promise<Outcome> {
  const options = { cwd: world.dir, ...elsewhere, env: { ...world.env, ...elsewhere.env } }
  if (uid === undefined && noRoom === undefined) return callLoaded({ args, ...options })
  return callSignalbox(args, { ...options, ...(uid === undefined ? {} : { uid }), ...(noRoom === undefined ? {} : { noRoom }) })
}

/** Returns one refusal of each code: words are made of all in the same way. */
export function oneOfEachCode(refusals: readonly Refusal[]): readonly Refusal[] {
  return [...new Map(refusals.map((refusal) => [String(refusal.code), refusal])).values()]
}
