import { appendFileSync, chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { failureForm, runForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

const agentsForm = z.object({
  agents: z.array(z.object({ name: z.string(), summary: z.string(), abilities: z.looseObject({}).nullable(), presence: z.object({ program: z.string().nullable(), version: z.string().nullable(), hint: z.string() }).nullable() })),
})

const doctorForm = z.looseObject({ diagnoses: z.array(z.looseObject({ code: z.string(), subject: z.string(), state: z.string(), message: z.string(), remedy: z.string().nullable() })) })

describe('an agent that is a command in the settings', () => {
  let world: World
  let tool: string

  beforeAll(async () => {
    world = await createWorld()
    tool = join(world.dir, 'tool')
    writeFileSync(tool, '#!/bin/sh\ngrep -q "Copy the brief" "$1" && echo "$TONE $2" > done.txt\n')
    chmodSync(tool, 0o755)
    appendFileSync(join(world.memory, 'signalbox.yaml'), `agents:\n  mine:\n    command: [${tool}, "{packet}", "no $HOME here"]\n    env: {TONE: plain}\n  gone: {command: [no-such-program-anywhere]}\n`)
    await addRepo(world, 'api', world.source('api', { 'file.txt': 'x\n' }))
    await newTask(world, 'Copy the brief', '--repo', 'api')
  })
  afterAll(() => world.close())

  it('is listed beside the others, with its program, and is not started for that', async () => {
    const { agents } = await world.ask(agentsForm, ['agents'])
    expect(agents.map(({ name }) => name).slice(0, 4)).toEqual(['mine', 'gone', 'demo', 'shell'])
    expect(agents[0]).toMatchObject({ abilities: null, presence: { program: tool, version: null } })
    expect(agents.find(({ name }) => name === 'codex')).toMatchObject({ abilities: { resume: true, permissions: false }, presence: { hint: expect.stringMatching(/@openai\/codex|codex login/) } })
    expect(agents.find(({ name }) => name === 'codex-acp')).toMatchObject({ abilities: { resume: true, permissions: true } })
  })

  it('gets its packet and its words as they are written, with no shell in between', async () => {
    const run = await world.ask(runForm, ['run', 'T0001', '--agent', 'mine'])
    expect(run).toMatchObject({ state: 'ended', outcome: 'completed' })
    expect((await world.call(['diff', run.id])).stdout).toContain('+plain no $HOME here\n')
  })

  it('is refused before there is a run where its program is not on this machine', async () => {
    const { error } = await world.ask(failureForm, ['run', 'T0001', '--agent', 'gone'], 5)
    expect(error).toMatchObject({ code: 'agent.not_installed', hint: expect.stringContaining('no-such-program-anywhere') })
    expect((await world.call(['runs'])).stdout).not.toContain('gone')
  })

  it('is what doctor speaks of: where its program is, and that one is missing', async () => {
    const { diagnoses } = await world.ask(doctorForm, ['doctor'])
    const said = diagnoses.filter(({ code, subject }) => code === 'agent' && ['mine', 'gone'].includes(subject))
    expect(said).toEqual([
      { code: 'agent', subject: 'mine', state: 'ok', message: tool, remedy: null },
      { code: 'agent', subject: 'gone', state: 'problem', message: expect.stringContaining('signalbox.yaml'), remedy: expect.stringContaining('Put no-such-program-anywhere on PATH') },
    ])
  })

  it('is refused by name where the settings do not make sense, and nothing runs', async () => {
    writeFileSync(join(world.memory, 'signalbox.yaml'), 'format: 1\nagents:\n  mine: {command: [true], prompt: argument}\n')
    const { error } = await world.ask(failureForm, ['agents'], 2)
    expect(error).toMatchObject({ code: 'config.invalid', message: expect.stringContaining('{prompt}') })
  })
})
