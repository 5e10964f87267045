import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, taskIdSchema, type NewRunEvent } from '@signalbox/core'
import { createTempDir, removeTempDirs } from '@signalbox/testkit'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { readPrompt } from './read-prompt.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import type { Services } from './services.ts'
import { layoutState } from './state-layout.ts'

const id = runIdSchema.parse('R0001')
const head = oidSchema.parse('a'.repeat(40))
const repos = [{ repo: repoNameSchema.parse('api'), baseBranch: branchNameSchema.parse('main'), baseHead: head, source: { branch: null, head, dirty: false, paths: [], operation: null } }]
const asked = (number: number): NewRunEvent => ({ type: 'question.asked', data: { asked: { kind: 'question', id: `Q${number}`, text: `Question ${number}?`, options: [] } } })
const answered = (number: number): NewRunEvent => ({ type: 'question.answered', data: { question: `Q${number}`, answer: { kind: 'text', text: `Answer ${number}` }, by: 'Ann' } })
const started: readonly NewRunEvent[] = [{ type: 'run.claimed', data: { pid: 1 } }, { type: 'run.started', data: { pid: 1 } }]
const ended: readonly NewRunEvent[] = [{ type: 'agent.exited', data: { exitCode: 0, signal: null, because: 'it exited 0' } }, { type: 'sealing.started', data: {} }, { type: 'run.ended', data: { outcome: 'failed', because: 'x' } }]
const resumed = (how: 'session' | 'packet', text: string | null): NewRunEvent => ({ type: 'run.resumed', data: { by: 'Ann', how, text, minutes: 60 } })

let log: RunLog
let services: Pick<Services, 'layout' | 'log' | 'memory'>

beforeEach(async () => {
  const layout = layoutState(createTempDir())
  const none = { readRunFile: () => Promise.resolve(undefined), writeRunFile: () => Promise.resolve() }
  log = createRunLog({ layout, memory: none, locks: { hold: (_path, work) => work() }, clock: { now: () => '2026-01-01T00:00:00.000Z' } })
  services = { layout, log, memory: {} as Services['memory'] }
  mkdirSync(dirname(layout.run(id).packet), { recursive: true })
  writeFileSync(layout.run(id).packet, '# The packet\n')
  await log.begin(id, taskIdSchema.parse('T0001'), { type: 'run.queued', data: { agent: 'claude', argv: [], isolation: 'private', by: 'Ann', taskRevision: 'x', baseBranch: null, scope: null, minutes: 60, budget: null, repos } })
  const [claimed, begun] = started
  if (claimed === undefined || begun === undefined) throw new Error('no start')
  await log.append(id, claimed, { type: 'run.prepared', data: { packetHash: 'p', packetTokens: 1 } }, begun)
})
afterAll(removeTempDirs)

const prompt = async (session: string | undefined): Promise<string> => readPrompt(services, await log.fold(id), session)

describe('what an agent that goes on is told', () => {
  it('is what its human answered after it had ended, and not what it heard before', async () => {
    await log.append(id, asked(1), answered(1), asked(2), asked(3), ...ended, answered(2), resumed('session', 'Use it'))
    expect(await prompt('s1')).toBe('Use it\n\n# What your human answered meanwhile\n\nThe question was: Question 2?\n\nThe answer is: Answer 2\n')
    expect(await prompt(undefined)).toBe('# The packet\n\n\n# What your human answered meanwhile\n\nThe question was: Question 2?\n\nThe answer is: Answer 2\n\n# What your human says to it\n\nUse it\n')
  })

  it('is not told twice', async () => {
    await log.append(id, asked(1), ...ended, answered(1), resumed('session', null))
    expect(await prompt('s1')).toContain('Answer 1')
    await log.append(id, ...started, asked(2), answered(2), ...ended, resumed('session', null))
    expect(await prompt('s1')).toBe('Go on with the task where you stopped.\n')
  })

  it('is what is answered while it is about to go on', async () => {
    await log.append(id, asked(1), ...ended, resumed('session', null), answered(1))
    expect(await prompt('s1')).toContain('Answer 1')
  })
})
