import { join } from 'node:path'
import * as z from 'zod'
import { gateForm, runForm, type BlockerValue } from './contract.ts'
import { saveWorld } from './saved-world.ts'
import { addRepo, createWorld, newTask, type World } from './world.ts'

const lines = z.looseObject({ from: z.int(), to: z.int() })
const finding = z.looseObject({
  id: z.string().regex(/^F\d+$/),
  state: z.enum(['open', 'addressed', 'declined', 'outdated']),
  text: z.string(),
  by: z.string().min(1),
  at: z.string().min(1),
  from: z.looseObject({ run: z.string(), finding: z.string() }).nullable(),
  anchor: z.looseObject({ repo: z.string(), path: z.string(), side: z.enum(['new', 'old']), snapshot: z.string(), lines: lines.nullable() }).nullable(),
  place: lines.nullable(),
  lines: z.array(z.string()).nullable(),
  because: z.string().nullable(),
  replies: z.array(z.looseObject({ by: z.string(), text: z.string().nullable(), state: z.string().nullable() })),
})
export type FindingValue = z.infer<typeof finding>
const findingForm = z.looseObject({ format: z.literal(1), finding })
const findingsForm = z.looseObject({ format: z.literal(1), run: z.string(), snapshot: z.string().nullable(), findings: z.array(finding) })
export const changedForm = runForm.extend({ from: z.string().nullable(), requested: z.array(z.object({ of: z.string(), run: z.string() })) })

/** A world with one round to review, in two repos. */
export interface ReviewWorld {
  readonly world: World
  readonly api: string
  readonly web: string
  /** Puts everything back to where the round was just made. */
  readonly restore: () => void
  comment(...args: readonly string[]): Promise<FindingValue>
  review(run: string): Promise<readonly FindingValue[]>
  blockers(run: string): Promise<readonly BlockerValue[]>
  codes(run: string): Promise<readonly string[]>
  /** The record of a run's review. */
  file(run: string): string
}

/** What the agent makes at first; gone on with, it keeps what it is told and puts a line above. */
const script = `if test -n "$SIGNALBOX_PROMPT"; then cp "$SIGNALBOX_PROMPT" api/told.md; sed -i '1i intro' api/list.js; exit; fi
printf 'head\\npage one\\npage two\\ntail\\n' > api/list.js; rm -f api/old.js; echo three >> web/page.txt`

/** Creates it, as R0001 of T0001. */
export async function createReviewWorld(): Promise<ReviewWorld> {
  const world = await createWorld()
  const api = world.source('api', { 'list.js': 'head\nall\ntail\n', 'old.js': 'gone soon\n' })
  const web = world.source('web', { 'page.txt': 'one\ntwo\n' })
  await addRepo(world, 'api', api)
  await addRepo(world, 'web', web)
  await newTask(world, 'Show pages', '--repo', 'api', '--repo', 'web')
  await world.ask(runForm, ['run', 'T0001', '--agent', 'shell', '--silent-minutes', '30', '--json', '--', 'sh', '-c', `set -e\n${script}`])
  const blockers: ReviewWorld['blockers'] = async (run) => (await world.ask(gateForm, ['gate', run], 4)).blockers
  return {
    world,
    api,
    web,
    restore: await saveWorld(world),
    comment: async (...args) => (await world.ask(findingForm, ['comment', ...args])).finding,
    review: async (run) => (await world.ask(findingsForm, ['review', run])).findings,
    blockers,
    codes: async (run) => (await blockers(run)).map(({ code }) => code),
    file: (run) => join(world.memory, 'runs', run, 'review.jsonl'),
  }
}
