import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { landingJournalSchema, type LandingJournal } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLandingChild, type LandingChild } from '../test/landing-child.ts'
import { setLandingStage, type LandingStage, type StageStrategy, type TargetName } from '../test/landing-stage.ts'
import { readGitDir } from './git-dir.ts'
import { activeStep, sideOf, type Side } from './landing-journal.ts'

/** One seed gives one sequence of moments, as far as the machine's clock allows. */
const SEED = Number(process.env['SIGNALBOX_SEED'] ?? Date.now() % 100_000)

/** `npm run test:crash` kills more. */
const asked = process.env['SIGNALBOX_KILLS']
const killsOf = (few: number): number => Number(asked ?? few)

/** What is killed. The first are fifty, with those that are killed through the whole program. */
const lanes = [
  { name: 'a landing in three repositories', act: 'publish', of: ['here', 'linked', 'nowhere'], strategy: 'squash', kills: killsOf(44) },
  { name: 'a landing in one repository', act: 'publish', of: ['here'], strategy: 'squash', kills: killsOf(2) },
  { name: 'a landing that keeps commits in three repositories', act: 'publish', of: ['here', 'linked', 'nowhere'], strategy: 'keep', kills: killsOf(2) },
  { name: 'the undo of a landing in three repositories', act: 'undo', of: ['here', 'linked', 'nowhere'], strategy: 'squash', kills: killsOf(4) },
] as const satisfies readonly Lane[]

interface Lane {
  readonly name: string
  readonly act: 'publish' | 'undo'
  readonly of: readonly TargetName[]
  readonly strategy: StageStrategy
  readonly kills: number
}

/** How many failpoints a job passes before it is killed: most often it is left at work in a checkout. */
const AFTER = { publish: [0, 1, 1, 1, 2, 3, 3, 3, 4, 5], undo: [0, 1, 1, 1, 2, 3, 3, 3, 4, 5], recover: [0, 1, 2, 3] } as const

const folder = createTempDir('kill')
const journalPath = join(folder, 'work', 'journal.json')
const jobPath = join(folder, 'job.json')
let random = SEED
let stage: LandingStage
let restore: Readonly<Record<Lane['act'], () => void>>
let working: LandingChild
let spare: LandingChild

beforeAll(async () => {
  stage = await setLandingStage(folder)
  const before = stage.save()
  working = start()
  spare = start()
  await work({ act: 'publish', of: ['here', 'linked', 'nowhere'], strategy: 'squash' })
  stage.verify({ of: ['here', 'linked', 'nowhere'], side: 'to', strategy: 'squash', isEdited: false, isSampled: true }, 'left alone')
  restore = { publish: before, undo: stage.save() }
})
afterAll(async () => {
  for (const child of [working, spare]) await child.kill('group')
  removeTempDirs()
})

/** Kills that met a job midway, of all lanes. */
let midway = 0

describe.each(lanes)('$name killed $kills times', (lane) => {
  const seen: Record<string, number> = {}

  test(
    `ends all or nothing, with every byte of the human’s, no lock and no scratch file (seed ${SEED})`,
    async () => {
      const span = await measure(lane)
      for (let round = 0; round < lane.kills; round += 1) {
        restore[lane.act]()
        await kill(lane.act, { lane, how: round % 4 === 3 ? 'node' : 'group', span })
        const moment = describeMoment()
        count('killed at', moment)
        if (moment.startsWith('midway')) midway += 1
        stage.edit()
        if (round % 5 === 4 && existsSync(journalPath)) {
          await kill('recover', { lane, how: 'group', span })
          count('killed again at', describeMoment())
        }
        const outcome = existsSync(journalPath) ? await work({ ...lane, act: 'recover' }) : 'nothing begun'
        count('ended', outcome)
        expect(['done', 'undone', 'nothing begun']).toContain(outcome)
        stage.verify({ of: lane.of, side: sideAfter(lane, outcome), strategy: lane.strategy, isEdited: true, isSampled: round % 5 === 0 }, `round ${round}, seed ${SEED}`)
      }
      if (asked !== undefined) console.log(Object.entries(seen).map(([moment, times]) => `${moment}: ${times}`).toSorted((a, b) => (a < b ? -1 : 1)).join('\n'))
    },
    1_200_000,
  )

  function count(what: string, moment: string): void {
    seen[`${what} ${moment}`] = (seen[`${what} ${moment}`] ?? 0) + 1
  }
})

test('a quarter of the kills met a job midway: those that hit nothing would prove nothing', () => {
  const kills = lanes.reduce((sum, lane) => sum + lane.kills, 0)
  expect(midway).toBeGreaterThanOrEqual(Math.floor(kills / 4))
})

/** Where the targets of a lane are once recovery ended so. */
function sideAfter({ act }: Pick<Lane, 'act'>, outcome: string): Side {
  if (outcome === 'nothing begun') return act === 'publish' ? 'from' : 'to'
  return outcome === 'done' ? 'to' : 'from'
}

function start(): LandingChild {
  return startLandingChild(join(stage.work, 'state'), journalPath, join(folder, 'compiled'))
}

/** What the working process is to do. */
type Job = Pick<Lane, 'of' | 'strategy'> & { readonly act: Lane['act'] | 'recover' }

/** Starts a job of the working process and yields what it says. */
function begin({ act, of, strategy }: Job): AsyncGenerator<string> {
  if (act === 'recover') return working.work({ act, from: journalPath })
  const journal = stage.journal(of, strategy)
  const job: LandingJournal = act === 'publish' ? journal : { ...journal, kind: 'undo', repos: journal.repos.map((repo) => ({ ...repo, checkout: null, step: 'published' })) }
  writeFileSync(jobPath, JSON.stringify(job))
  return working.work({ act, from: jobPath })
}

/** Does a job to its end and returns how that was, with any reasons. */
async function work(job: Job): Promise<string> {
  let outcome = ''
  for await (const line of begin(job)) if (line.startsWith('ended ')) outcome = line.slice('ended '.length)
  return outcome
}

/** Milliseconds that moving one checkout takes when nobody disturbs it. */
async function measure({ act, of, strategy }: Lane): Promise<number> {
  restore[act]()
  let begun = 0
  let span = 0
  for await (const name of begin({ act, of, strategy })) {
    if (/^landing\.before_\w+:here$/.test(name)) begun = performance.now()
    if (/^landing\.after_\w+:here$/.test(name)) span = performance.now() - begun
  }
  stage.verify({ of, side: act === 'publish' ? 'to' : 'from', strategy, isEdited: false, isSampled: true }, 'left alone')
  return span
}

/** Kills a job up to the length of one move after a random failpoint; does nothing if it ends before. */
async function kill(act: Lane['act'] | 'recover', { lane, how, span }: { readonly lane: Lane; readonly how: 'group' | 'node'; readonly span: number }): Promise<void> {
  const points = AFTER[act].filter((point) => lane.of.length > 1 || point < 3)
  let left = points[Math.floor(next() * points.length)] ?? 0
  for await (const name of begin({ ...lane, act })) {
    if (name.startsWith('ended ')) return
    if (left-- > 0) continue
    await waitForMoment(name, span)
    await working.kill(how)
    working = spare
    spare = start()
    return
  }
}

/** Waits for a random time; before a checkout is moved more often only until git has begun to write in it. */
async function waitForMoment(name: string, span: number): Promise<void> {
  const [, moved] = /^landing\.before_\w+:(\w+)$/.exec(name) ?? []
  const checkout = moved === undefined ? null : stage.target(moved).checkout
  const isAimed = checkout !== null && next() < 0.6
  if (isAimed) await waitForLock(join(readGitDir(checkout), 'index.lock'), span)
  await new Promise((resolve) => setTimeout(resolve, next() * (isAimed ? 10 : span * 1.2)))
}

async function waitForLock(path: string, patience: number): Promise<void> {
  const deadline = performance.now() + patience
  while (!existsSync(path) && performance.now() < deadline) await new Promise(setImmediate)
}

/** A number from 0 to 1; the same sequence for the same seed. */
function next(): number {
  random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
  return random / 2_147_483_648
}

function describeMoment(): string {
  if (!existsSync(journalPath)) return 'before the journal'
  const { repos } = landingJournalSchema.parse(JSON.parse(readFileSync(journalPath, 'utf8')))
  const isMidway = repos.some(({ step }) => step === activeStep.to || step === activeStep.from) || new Set(repos.map(({ step }) => sideOf(step))).size > 1
  const isHalf = repos.some(({ repo }) => {
    const { checkout } = stage.target(repo)
    return checkout !== null && stage.isHalf(checkout)
  })
  return `${isMidway ? 'midway: ' : ''}${repos.map(({ step }) => step).join(' ')}${isHalf ? ', a checkout half-written' : ''}`
}
