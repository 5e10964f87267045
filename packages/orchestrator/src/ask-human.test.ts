import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, questionLimit, repoNameSchema, runIdSchema, taskIdSchema, unansweredLimit, type Answer, type NewRunEvent, type Run } from '@signalbox/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAsker, type Asker, type Question } from './ask-human.ts'
import { createRunLog, type RunLog } from './run-log.ts'
import { layoutState } from './state-layout.ts'

const id = runIdSchema.parse('R0001')
const task = taskIdSchema.parse('T0001')
const head = oidSchema.parse('a'.repeat(40))
const begun: readonly NewRunEvent[] = [
  { type: 'run.claimed', data: { pid: 1 } },
  { type: 'run.prepared', data: { packetHash: 'p', packetTokens: 1 } },
  { type: 'run.started', data: { pid: 1 } },
]
const repos = [{ repo: repoNameSchema.parse('api'), baseBranch: branchNameSchema.parse('main'), baseHead: head, source: { branch: null, head, dirty: false, paths: [], operation: null } }]
const npm: Question = { kind: 'permission', text: 'npm ci', tool: { kind: 'execute', command: 'npm ci --token=swordfish-42', paths: [] } }
const port: Question = { kind: 'question', text: 'Which port?', options: ['80', '8080'] }

let folder: string
let log: RunLog
let asker: Asker
let pauses: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-ask-'))
  const layout = layoutState(folder)
  let last: Promise<unknown> = Promise.resolve()
  const hold = <T>(_path: string, work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
  const none = { readRunFile: () => Promise.resolve(undefined), writeRunFile: () => Promise.resolve() }
  log = createRunLog({ layout, memory: none, locks: { hold }, clock: { now: () => '2026-01-01T00:00:00.000Z' } })
  await log.begin(id, task, { type: 'run.queued', data: { agent: 'claude', argv: [], isolation: 'private', by: 'Ann', taskRevision: 'x', baseBranch: null, scope: null, minutes: 60, budget: null, repos } })
  await log.append(id, ...begun)
  pauses = 0
  asker = createAsker({ log, layout, env: { MY_TOKEN: 'swordfish-42' } }, id, { pause: () => void (pauses += 1), resume: () => void (pauses -= 1) })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const answer = (question: string, value: Answer): Promise<Run> => log.append(id, { type: 'question.answered', data: { question, answer: value, by: 'Ann' } })

async function until(holds: (run: Run) => boolean): Promise<Run> {
  for (;;) {
    const run = await log.fold(id)
    if (holds(run)) return run
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('asking a human', () => {
  it('says so where a command is longer than what is shown of it', async () => {
    const stop = new AbortController()
    const asked = asker.ask({ kind: 'permission', text: 'make', tool: { kind: 'execute', command: `make ${' '.repeat(9_000)}; rm -rf ~`, paths: [] } }, stop.signal)
    const run = await until(({ state }) => state.kind === 'waiting')
    expect(run.questions[0]?.asked).toMatchObject({ tool: { command: expect.stringMatching(/ … \(823 more characters\)$/) } })
    stop.abort()
    await asked
  })

  it('makes the run wait, for as long as it takes, and go on with the answer', async () => {
    const never = new AbortController()
    const asked = asker.ask(port, never.signal)
    const waiting = await until(({ state }) => state.kind === 'waiting')
    expect(waiting.state).toEqual({ kind: 'waiting', for: 'question', because: 'Q1: Which port?' })
    expect(pauses).toBe(1)
    await answer('Q1', { kind: 'text', text: '8080' })
    expect(await asked).toEqual({ kind: 'text', text: '8080' })
    expect((await log.fold(id)).state.kind).toBe('running')
    expect(pauses).toBe(0)
  })

  it('asks several at once, each with its own number, and waits until the last is answered', async () => {
    const never = new AbortController()
    const [first, second] = [asker.ask(npm, never.signal), asker.ask(port, never.signal)]
    await until(({ questions }) => questions.length === 2)
    await answer('Q2', { kind: 'text', text: '80' })
    expect(await second).toEqual({ kind: 'text', text: '80' })
    expect((await log.fold(id)).state.kind).toBe('waiting')
    await answer('Q1', { kind: 'refuse', because: 'no' })
    expect(await first).toEqual({ kind: 'refuse', because: 'no' })
    expect((await log.fold(id)).state.kind).toBe('running')
  })

  it('is given up when nobody is there any more to hear of it', async () => {
    const gone = new AbortController()
    const asked = asker.ask(port, gone.signal)
    await until(({ state }) => state.kind === 'waiting')
    gone.abort()
    expect(await asked).toBeUndefined()
    const run = await log.fold(id)
    expect(run.state.kind).toBe('running')
    expect(run.questions.map(({ state }) => state)).toEqual(['open'])
  })

  it('goes on with a question in words that is asked again, and asks anew what was heard', async () => {
    const [first, second, never] = [new AbortController(), new AbortController(), new AbortController()]
    const asked = asker.ask(port, first.signal)
    await until(({ state }) => state.kind === 'waiting')
    // Another one that waits for the same is one of its own.
    const beside = asker.ask(port, second.signal)
    await until(({ questions }) => questions.length === 2)
    first.abort()
    second.abort()
    expect([await asked, await beside]).toEqual([undefined, undefined])
    await answer('Q1', { kind: 'text', text: '80' })
    expect(await asker.ask(port, never.signal)).toEqual({ kind: 'text', text: '80' })
    const again = asker.ask(port, never.signal)
    expect((await until(({ state }) => state.kind === 'waiting')).state).toMatchObject({ because: 'Q2: Which port?' })
    await answer('Q2', { kind: 'text', text: '8080' })
    expect(await again).toEqual({ kind: 'text', text: '8080' })
    const anew = new AbortController()
    const third = asker.ask(port, anew.signal)
    expect((await until(({ questions }) => questions.length === 3)).questions.map(({ state }) => state)).toEqual(['answered', 'answered', 'open'])
    anew.abort()
    await third
  })

  it('goes on once its agent took the question back, and its time counts again', async () => {
    const [never, back] = [new AbortController(), new AbortController()]
    const asked = asker.ask(npm, never.signal, back.signal)
    await until(({ state }) => state.kind === 'waiting')
    back.abort()
    expect(await asked).toBeUndefined()
    const run = await log.fold(id)
    expect(run.state.kind).toBe('running')
    expect(run.questions).toMatchObject([{ state: 'answered', answer: { value: { kind: 'refuse', because: 'nobody waits for the answer any more' }, by: 'signalbox' } }])
    expect(pauses).toBe(0)
  })

  it('asks for no more permissions where many had no answer: an agent must not fill the record', async () => {
    for (let number = 1; number <= unansweredLimit; number += 1) await log.append(id, { type: 'question.asked', data: { asked: { ...npm, id: `Q${number}` } } })
    const never = new AbortController()
    expect(await asker.ask(npm, never.signal)).toMatchObject({ kind: 'refuse', because: expect.stringContaining('no more are asked for') })
    await answer('Q1', { kind: 'allow', lasting: 'once' })
    const asked = asker.ask(npm, AbortSignal.abort())
    expect(await asked).toBeUndefined()
    expect((await log.fold(id)).questions).toHaveLength(unansweredLimit + 1)
    expect(pauses).toBe(0)
  })

  it('asks so many questions in words and no more; permissions are not counted', async () => {
    for (let number = 1; number <= questionLimit; number += 1) {
      const asked = { ...port, id: `Q${number}`, text: `${number}?` } as const
      await log.append(id, { type: 'question.asked', data: { asked } })
    }
    const gone = AbortSignal.abort()
    await expect(asker.ask(port, gone)).rejects.toMatchObject({ code: 'access.denied' })
    expect(await asker.ask({ ...port, text: '7?' }, gone)).toBeUndefined()
    expect(await asker.ask(npm, gone)).toBeUndefined()
    expect(pauses).toBe(0)
  })

  it('shows what is asked for by its command, whatever its title is, and that something is left out', async () => {
    const gone = new AbortController()
    const command = `ls\n${'x'.repeat(9_000)}; rm -rf /`
    const asked = asker.ask({ kind: 'permission', text: 'List files', tool: { kind: 'execute', command, paths: [] } }, gone.signal)
    const { state, questions } = await until(({ state: now }) => now.kind === 'waiting')
    expect(state).toMatchObject({ because: 'Q1: ls …' })
    expect(questions[0]?.asked).toMatchObject({ tool: { command: expect.stringMatching(/x… \(821 more characters\)$/) } })
    gone.abort()
    await asked
  })

  it('writes no secret of the environment into the record', async () => {
    const gone = new AbortController()
    const asked = asker.ask(npm, gone.signal)
    const { questions } = await until(({ questions: all }) => all.length === 1)
    expect(questions[0]?.asked).toEqual({ kind: 'permission', id: 'Q1', text: 'npm ci', tool: { kind: 'execute', command: 'npm ci --token=[redacted]', paths: [] } })
    gone.abort()
    await asked
  })

  it('fails where the log cannot be read: nobody would ever answer', async () => {
    const never = new AbortController()
    const asked = asker.ask(port, never.signal)
    await until(({ state }) => state.kind === 'waiting')
    appendFileSync(layoutState(folder).run(id).events, 'damage\n')
    await expect(asked).rejects.toMatchObject({ code: 'run.log_invalid' })
  })
})
