import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acpPrograms } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { askedForm, claimedForm, nameAgent, untilAsked } from './harness/asking-agent.ts'
import { failureForm, gateForm, handoffForm } from './harness/contract.ts'
import { isGone, killSupervisor, readLiveEvents, untilEnded } from './harness/live-run.ts'
import { stateFolderOf } from './harness/state-folder.ts'
import { addRepo, createWorld, newTask, parseOutcome, type World } from './harness/world.ts'

describe('an agent that does nothing of what it says', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    nameAgent(world, 'liar', [process.execPath, acpPrograms.lying])
    await addRepo(world, 'api', world.source('api', { 'a.txt': 'a\n' }))
  })
  afterAll(() => world.close())

  async function start(...flags: readonly string[]): Promise<string> {
    const task = await newTask(world, 'Fix it', '--repo', 'api')
    return (await world.ask(askedForm, ['run', task, '--agent', 'liar', '--detach', ...flags])).id
  }

  it('waits for its human, is answered, and its claims stand apart from what it did', async () => {
    const run = await start()
    const waiting = await untilAsked(world, run)
    expect(waiting).toMatchObject({ state: 'waiting', waitsFor: 'permission', because: 'It waits for your permission: Q1: npm test', session: { session: 'lying-0001' }, questions: [{ asked: { id: 'Q1', kind: 'permission', text: 'npm test', tool: { kind: 'execute', command: 'npm test' } }, state: 'open' }] })
    expect((await world.call(['show', run])).stdout).toContain(`signalbox answer ${run} Q1 --allow`)
    await world.ask(z.looseObject({}), ['answer', run, '--refuse', '--because', 'not now'])
    await untilEnded(world, run)
    const ended = await world.ask(askedForm, ['show', run])
    // Its word is that it is done, and its word for an end is what counts; that nothing changed is what is seen.
    expect(ended).toMatchObject({ outcome: 'completed', questions: [{ state: 'answered', answer: { value: { kind: 'refuse', because: 'not now' } } }], spent: { tokens: 1280 }, snapshots: [{ repos: [{ files: 0 }] }] })
    const absent = ['src/claimed.js', 'test/claimed.test.js'].map((path) => ({ repo: 'api', path }))
    expect((await world.ask(claimedForm, ['diff', run])).claims).toEqual({ absent, unclaimed: [], outside: [] })
    expect((await world.call(['diff', run, '--stat'])).stdout).toContain('claimed, but absent: api/src/claimed.js')
    const handoff = await world.ask(handoffForm.extend({ evidence: z.looseObject({ claimed: z.unknown() }) }), ['handoff', 'show', ended.handoff ?? ''])
    expect(handoff.evidence.claimed).toEqual({ absent, unclaimed: [], outside: [] })
    expect(await world.ask(gateForm, ['gate', run], 4)).toMatchObject({ verdict: 'nothing_to_merge' })
  })

  it('keeps what it said in a transcript, and what it wrote byte for byte', async () => {
    const run = await start()
    await untilAsked(world, run)
    await world.ask(z.looseObject({}), ['answer', run, '--allow'])
    await untilEnded(world, run)
    const { handoff } = await world.ask(askedForm, ['show', run])
    expect(await world.ask(handoffForm, ['handoff', 'show', handoff ?? ''])).toMatchObject({ evidence: { validation: [{ kind: 'claim', text: 'liar says it ran "npm test"', exitCode: 0 }] } })
    const { lines } = await world.ask(z.looseObject({ lines: z.array(z.looseObject({ stream: z.string(), text: z.string(), kind: z.string().optional() })) }), ['log', run])
    expect(lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(expect.arrayContaining(['message: I fix it and add a test.', 'tool: execute npm test (done, exit 0)', 'permission: npm test: asked', 'permission: npm test: allowed']))
    const raw = readFileSync(join(stateFolderOf(world), 'runs', run, 'agent-output'), 'utf8')
    expect(raw.trim().split('\n').map((line) => JSON.parse(line) as { method?: string })).toContainEqual(expect.objectContaining({ method: 'session/request_permission' }))
  })

  it('is followed, and answered line by line', async () => {
    const run = await start()
    await untilAsked(world, run)
    const { exit, stdout, stderr } = await world.signalbox(['attach', run], { input: 'perhaps\nno, it takes too long\n' })
    expect({ exit, stderr: stderr.split('\n').filter((line) => line.startsWith('Q1')) }).toEqual({ exit: 0, stderr: Array.from({ length: 2 }, () => 'Q1: may it npm test? yes, always, or no and why') })
    expect(stdout).toContain('no: it takes too long')
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ questions: [{ answer: { value: { kind: 'refuse', because: 'it takes too long' } } }] })
  })

  it('is followed to its end where nobody can type: the input is a file', async () => {
    const run = await start()
    await untilAsked(world, run)
    const answers = join(world.dir, 'answers.txt')
    writeFileSync(answers, 'yes\n')
    expect(await world.signalbox(['attach', run], { inputFile: answers })).toMatchObject({ exit: 0, stderr: expect.not.stringContaining('unexpected') })
    expect(await world.signalbox(['attach', run], { inputFile: '/dev/null' })).toMatchObject({ exit: 0, stderr: expect.not.stringContaining('unexpected') })
  })

  it('refuses answers that do not fit, and loses nothing', async () => {
    const run = await start()
    await untilAsked(world, run)
    for (const [args, exit, code] of [
      [['answer', run, 'Q1', 'words'], 2, 'input.invalid'],
      [['answer', run, 'Q9', '--allow'], 3, 'question.not_found'],
      [['answer', run, '--allow', '--refuse'], 2, 'input.invalid'],
      [['answer', run, '--because', 'x'], 2, 'input.invalid'],
      [['answer', 'R9999', '--allow'], 3, 'run.not_found'],
    ] as const) {
      expect(await world.ask(failureForm, args, exit)).toMatchObject({ error: { code, hint: expect.any(String) } })
    }
    await world.ask(z.looseObject({}), ['answer', run, '--always'])
    expect(await world.ask(failureForm, ['answer', run, 'Q1', '--allow'], 4)).toMatchObject({ error: { code: 'question.not_open' } })
    await untilEnded(world, run)
  })

  it('is cancelled while it waits, and its question is nobody’s any more', async () => {
    const run = await start()
    await untilAsked(world, run)
    expect(await world.ask(askedForm, ['cancel', run])).toMatchObject({ outcome: 'cancelled', questions: [{ state: 'withdrawn' }] })
    expect(await world.ask(failureForm, ['answer', run, 'Q1', '--allow'], 4)).toMatchObject({ error: { code: 'question.not_open' } })
  })

  it('ends its run truly when its supervisor is killed while it waits, and goes on in its session', async () => {
    const run = await start()
    await untilAsked(world, run)
    await killSupervisor(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ state: 'ended', outcome: 'interrupted', questions: [{ state: 'withdrawn' }], handoff: expect.stringMatching(/^H/) })
    await world.ask(askedForm, ['resume', run, 'Go on', '--detach'])
    await untilAsked(world, run)
    await world.ask(z.looseObject({}), ['answer', run, 'Q2', '--allow'])
    await untilEnded(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ outcome: 'completed', snapshots: [{}, {}] })
    expect(readLiveEvents(world, run).filter(({ type }) => type === 'run.resumed' || type === 'session.opened').map(({ data }) => (data as { how: string }).how)).toEqual(['new', 'session', 'resumed'])
  })

  it('leaves no secret of its last words in the record, which is published', async () => {
    const token = `ghp_${'0123456789'.repeat(4)}`
    const task = await newTask(world, 'Fail', '--repo', 'api')
    const { id: run } = parseOutcome(askedForm, await world.signalbox(['run', task, '--agent', 'liar', '--detach', '--json', '--', `the login ${token.replace('_', '%5F')} is not taken`]), 0)
    await untilEnded(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ outcome: 'failed', because: expect.stringContaining('the login [redacted] is not taken') })
    const said = [readFileSync(join(world.memory, 'runs', run, 'events.jsonl')), readFileSync(join(stateFolderOf(world), 'runs', run, 'agent-output'))].join('')
    expect(said).toContain('is not taken')
    expect(said).not.toContain(token)
  })

  it('whose packet is gone is not started, and its supervisor ends', async () => {
    const run = await start()
    await untilAsked(world, run)
    await killSupervisor(world, run)
    rmSync(join(stateFolderOf(world), 'runs', run, 'packet.md'))
    await world.call(['resume', run, '--detach', '--json'])
    await untilEnded(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ outcome: 'failed' })
    const supervisor = readLiveEvents(world, run).findLast(({ type }) => type === 'run.claimed')?.data as { pid: number }
    await expect.poll(() => isGone(supervisor.pid), { timeout: 10_000 }).toBe(true)
  })

  it('is let and not let by the policy without a question', async () => {
    appendFileSync(join(world.memory, 'signalbox.yaml'), 'permissions:\n  rules:\n    - {decision: deny, command: npm *}\n')
    const run = await start()
    await untilEnded(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ outcome: 'completed', questions: [] })
    expect((await world.call(['log', run])).stdout).toContain('npm test: refused')
  })

  it('is not asked about at a limit of tokens that it tells of only when it is done', async () => {
    const run = await start('--tokens', '1000')
    await untilEnded(world, run)
    expect(await world.ask(askedForm, ['show', run])).toMatchObject({ outcome: 'completed', spent: { tokens: 1280 } })
  })
})
