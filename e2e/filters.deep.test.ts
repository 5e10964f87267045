import { appendFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { createContentFilter, git, run, setFilter } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { approvalForm, failureForm, gateForm, mergeForm, repoForm, runForm } from './harness/contract.ts'
import { createWorld, newTask, runScript, type World } from './harness/world.ts'

const filteredForm = repoForm.extend({ filters: z.array(z.looseObject({ name: z.string(), digest: z.string() })) })

describe('a repository whose large files go through a program', () => {
  let world: World
  let art: string
  let program: string
  /** What to call to allow the program, as the last refusal has it. */
  let allowing: readonly string[]
  const commandIn = (text: string): readonly string[] => (/signalbox (repo add .* --allow-filter lfs=[0-9a-f]{12})/.exec(text)?.[1] ?? '').replaceAll("'", '').replace('NAME', 'art').split(' ')

  beforeAll(async () => {
    world = await createWorld()
    program = createContentFilter(join(world.dir, 'tools')).program
    art = world.source('art', { '.gitattributes': '*.psd filter=lfs\n', 'a.txt': 'a\n' })
    setFilter(art, program, 'each')
  })
  afterAll(() => world.close())

  it('is refused, with the program and the one call that allows exactly that', async () => {
    const { error } = await world.ask(failureForm, ['repo', 'add', art, '--name', 'art'], 2)
    expect(error).toMatchObject({ code: 'repo.filter_not_allowed', hint: expect.stringContaining(program) })
    allowing = commandIn(error.hint ?? '')
    const digest = allowing.at(-1)?.replace('lfs=', '')
    expect(await world.ask(repoForm, allowing)).toMatchObject({ name: 'art', filters: [{ name: 'lfs', digest: expect.stringContaining(digest ?? '?') }] })
    // What is registered again keeps what was allowed.
    expect((await world.call(['repo', 'add', art, '--name', 'art'])).stdout).toContain(`lfs (${digest}) may run here`)
  })

  it('is worked on; when the program changes, the gate says so, and what to do', async () => {
    await newTask(world, 'Draw', '--repo', 'art')
    await runScript(world, 'T0001', 'echo drawn > new.psd')
    appendFileSync(program, '\n')
    const { blockers } = await world.ask(gateForm, ['gate', 'R0001'], 4)
    const unknown = blockers.filter(({ code }) => code === 'facts_unavailable')
    expect(unknown.map(({ message }) => message)).toEqual([expect.stringContaining('no more what was allowed'), expect.stringContaining('no more what was allowed')])
    const { stdout, stderr } = await world.call(['run', 'T0001', '--agent', 'demo', '--json'])
    expect(stdout + stderr).toMatch(/failed: .*no more what was allowed.*--allow-filter lfs=/)
    // The call of before was for another program.
    expect(await world.ask(failureForm, allowing, 2)).toMatchObject({ error: { code: 'repo.filter_not_allowed' } })
    await world.ask(repoForm, commandIn(unknown[0]?.message ?? ''))
    run(world.dir, 'git', ['clone', '--quiet', '--bare', art, join(world.dir, 'art.git')])
    git(art, 'remote', 'add', 'origin', join(world.dir, 'art.git'))
    await world.ask(approvalForm, ['approve', 'R0001'])
    expect((await world.call(['push', 'R0001'])).stdout).toMatch(/Content that Git LFS keeps does not go along.*\n +git -C \S+ lfs push origin [0-9a-f]{40}$/m)
    await world.ask(mergeForm, ['merge', 'R0001'])
    expect(await world.ask(runForm, ['show', 'R0001'])).toMatchObject({ merge: { state: 'merged' } })
  })

  it('keeps what was allowed where it is moved', async () => {
    const { filters } = await world.ask(filteredForm, ['repo', 'add', art, '--name', 'art'])
    const elsewhere = join(world.dir, 'elsewhere')
    renameSync(art, elsewhere)
    expect(await world.ask(filteredForm, ['repo', 'add', elsewhere, '--name', 'art'])).toMatchObject({ path: elsewhere, filters: [{ name: 'lfs', digest: filters[0]?.digest }] })
    art = elsewhere
  })

  it('is forgotten with the repo', async () => {
    await world.call(['task', 'edit', 'T0001', '--status', 'dropped'])
    await world.ask(repoForm, ['repo', 'remove', 'art'])
    expect(await world.ask(failureForm, ['repo', 'add', art, '--name', 'art'], 2)).toMatchObject({ error: { code: 'repo.filter_not_allowed' } })
  })
})
