import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failureForm, gateForm, runForm, taskForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

describe('the repos of a task', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    for (const name of ['api', 'web']) await addRepo(world, name, world.source(name, { 'a.txt': 'a\n' }))
  })
  afterAll(() => world.close())

  /** Edits the file of a task by hand. */
  function rewrite(path: string, change: (text: string) => string): void {
    const file = join(world.memory, path)
    writeFileSync(file, change(readFileSync(file, 'utf8')))
    commitAll(world.memory, 'by hand')
  }

  it('are each named once, however often somebody did', async () => {
    const task = await world.ask(taskForm, ['task', 'new', 'Twice', '--repo', 'api', '--repo', 'api'])
    expect(task.repos).toEqual(['api'])
    rewrite(task.path, (text) => text.replace('[api]', '[api, api]'))
    expect((await runScript(world, task.id, 'echo b > a.txt')).repos.map(({ repo }) => repo)).toEqual(['api'])
  })

  it('are those that its scope is about: one for another repo blocks, starts nothing, and doctor says it', async () => {
    const id = await newTask(world, 'Bound', '--repo', 'web', '--scope', 'web:*.txt')
    const { id: run } = await runScript(world, id, 'echo b > a.txt')
    const task = await world.ask(taskForm, ['task', 'show', id])
    rewrite(task.path, (text) => text.replace('{web:', '{webb:').replace('  web: [', '  webb: ['))
    const because = 'the scope names webb, and the task is about web only'
    const { blockers } = await world.ask(gateForm, ['gate', run], 4)
    expect(blockers.filter(({ code }) => code === 'facts_unavailable').map(({ message }) => message)).toEqual([expect.stringContaining(because)])
    expect((await world.ask(failureForm, ['run', id, '--agent', 'demo'], 2)).error).toMatchObject({ code: 'input.invalid', message: expect.stringContaining(because), hint: expect.stringContaining(task.path) })
    expect((await world.call(['doctor'])).stdout).toContain(`✗ ${id}  ${because}`)
  })

  it('are not taken from under its scope or branches', async () => {
    const { id } = await world.ask(taskForm, ['task', 'new', 'Both', '--repo', 'api', '--repo', 'web', '--scope', 'api:src/**', '--base-branch', 'web=main'])
    expect((await world.ask(failureForm, ['task', 'edit', id, '--repo', 'web'], 2)).error.message).toBe('The scope names api, and the task is about web only')
    expect((await world.ask(failureForm, ['task', 'edit', id, '--repo', 'api'], 2)).error.message).toBe('The base branches name web, and the task is about api only')
    expect((await world.ask(taskForm, ['task', 'edit', id, '--repo', 'api', '--base-branch', 'main'])).repos).toEqual(['api'])
    expect((await world.ask(runForm, ['run', id, '--agent', 'demo', '--json'])).repos).toHaveLength(1)
  })
})
