import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, git, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quick, setCheckpoints, untilEvents } from './harness/checkpoints.ts'
import { gateForm, mergeForm, runForm, type RunValue } from './harness/contract.ts'
import { untilEnded } from './harness/live-run.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** One world; in it, for every test, a repository to work on and another one that no task of it names. The memory repo is registered, too. */
let world: World
let made = 0
beforeAll(async () => {
  world = await createWorld()
  await addRepo(world, 'memory', world.memory)
  setCheckpoints(world, quick)
})
afterAll(() => world.close())

const long = 'export const answer = 42 // worked out by the run, and by nobody else at all\n'

interface Stage {
  readonly task: string
  /** Path of the repo that it names. */
  readonly own: string
  /** Name and path of the repo that the task does not name. */
  readonly name: string
  readonly web: string
  readonly codes: (run: RunValue) => Promise<readonly string[]>
  readonly script: (script: string, exit: number, ...flags: readonly string[]) => Promise<RunValue>
  /** Starts a run that says when its script is through, and then waits; returns it with what lets it end. */
  readonly start: (script: string, ...flags: readonly string[]) => Promise<{ readonly id: string; readonly end: () => Promise<RunValue> }>
}

async function createStage(): Promise<Stage> {
  made += 1
  const [own, name, go] = [`api${made}`, `web${made}`, join(world.dir, `go${made}`)]
  const path = world.source(own, { 'a.txt': 'a\n' })
  await addRepo(world, own, path)
  const web = world.source(name, { 'a.txt': 'web\n', 'b.txt': 'b\n' })
  await addRepo(world, name, web)
  const task = await newTask(world, `Work on ${own}`, '--repo', own)
  const argv = (script: string, flags: readonly string[]) => ['run', task, ...flags, '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`]
  return {
    task,
    own: path,
    name,
    web,
    codes: async ({ id }) => (await world.ask(gateForm, ['gate', id], 4)).blockers.map(({ code }) => code),
    script: (script, exit, ...flags) => world.ask(runForm, argv(script, flags), exit),
    start: async (script, ...flags) => {
      const { id } = await world.ask(runForm, argv(`${script}; touch ${go}.ready; while ! test -e ${go}; do sleep 0.05; done`, ['--detach', ...flags]))
      run(world.dir, 'sh', ['-c', `while ! test -e ${go}.ready; do sleep 0.05; done`])
      const end = async (): Promise<RunValue> => {
        writeFileSync(go, '')
        await untilEnded(world, id)
        return world.ask(runForm, ['show', id])
      }
      return { id, end }
    },
  }
}

describe('an agent that writes into a registered repo which its task does not name', () => {
  it('escapes by the bytes of its own work; they cannot be taken in, and block until they are cleared away', async () => {
    const { name, web, codes, script } = await createStage()
    const ran = await script(`printf '${long}' > c.ts; cp c.ts ${web}/c.ts`, 5)
    expect(ran).toMatchObject({ outcome: 'escaped', because: expect.stringContaining(`It wrote beside its workspace: c.ts in ${name}`), sources: [{ changes: [] }, { repo: name, foreign: true, changes: [{ name: 'c.ts', evidence: { kind: 'bytes' } }] }] })
    expect((await world.call(['show', ran.id])).stdout).toContain('c.ts holds the bytes of its round')
    const [blocker] = (await world.ask(gateForm, ['gate', ran.id], 4)).blockers
    expect(blocker).toMatchObject({ code: 'run_escaped', repo: name, data: { paths: ['c.ts'], takeable: false }, remedy: { sentence: expect.stringContaining(`${name} is no repo of the run`), command: `git -C ${web} stash push -u -- c.ts` } })
    expect((await world.refused('approve', ran.id)).error.code).toBe('gate.blocked')
    expect((await world.refused('seal', ran.id, '--take-escaped')).error.code).toBe('run.not_escaped')
    expect(readFileSync(join(web, 'c.ts'), 'utf8')).toBe(long)
    run(web, 'sh', ['-c', blocker?.remedy.command ?? 'false'])
    expect(await codes(ran)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
  })

  it('escapes by a commit of its own that it pushes there, until that is put back', async () => {
    const { name, web, codes, script } = await createStage()
    const ran = await script(`echo x > a.txt; git commit -qam work; git push -q ${web} HEAD:refs/heads/stolen`, 5)
    const [blocker] = (await world.ask(gateForm, ['gate', ran.id], 4)).blockers
    expect(blocker).toMatchObject({ code: 'run_escaped', repo: name, data: { refs: ['refs/heads/stolen'], paths: [] } })
    run(web, 'sh', ['-c', blocker?.remedy.command ?? 'false'])
    expect(git(web, 'branch', '--list', 'stolen')).toBe('')
    expect(await codes(ran)).toEqual(['approval_missing'])
  })

  it.each(['private', 'linked'])('escapes by what its git does there, in %s isolation, until its human says that it was them, and only then goes on', async (isolation) => {
    const { name, web, codes, script } = await createStage()
    const ran = await script(`echo x > a.txt; cd ${web}; echo z > a.txt; git commit -qam evil; git branch aside`, 5, '--isolation', isolation)
    expect(ran).toMatchObject({ outcome: 'escaped', sources: [{ changes: [] }, { repo: name, changes: [{ name: 'refs/heads/main', evidence: { kind: 'command', command: 'commit' } }, { name: 'refs/heads/aside', evidence: null }] }] })
    expect(await codes(ran)).toContain('run_escaped')
    expect((await world.refused('resume', ran.id)).error.code).toBe('resume.refused')
    await world.ask(runForm, ['seal', ran.id, '--mine', 'I did'])
    expect(await codes(ran)).toEqual(['approval_missing'])
  })

  it('is only warned of where nothing shows that it did it; that keeps nothing from landing or going on', async () => {
    const { name, web, codes, script } = await createStage()
    const ran = await script(`echo x > a.txt; echo edited > ${web}/a.txt; rm -f ${web}/b.txt; printf '#!/bin/sh\\n' > ${web}/.git/hooks/pre-commit`, 0)
    expect(ran).toMatchObject({ outcome: 'completed', sources: [{ changes: [] }, { repo: name, foreign: true, changes: [{ what: 'hook' }, { name: 'a.txt', evidence: null }, { name: 'b.txt' }] }] })
    expect((await world.call(['show', ran.id])).stdout).toContain(`3 things of yours in ${name} changed during the run`)
    expect(await codes(ran)).toEqual(['approval_missing'])
    const again = await world.ask(runForm, ['resume', ran.id])
    expect(again).toMatchObject({ outcome: 'completed', sources: [{ changes: [] }] })
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
  })

  it('is noticed while it still works, once, and the run goes on', async () => {
    const { name, web, start } = await createStage()
    const { id, end } = await start(`echo x > a.txt; printf '${long}' > c.ts; cp c.ts ${web}/c.ts; git -C ${web} commit -q --allow-empty -m evil; echo mine > ${web}/d.txt`)
    const [seen] = await untilEvents(world, id, 'source.compared', 1)
    expect(seen?.data).toMatchObject({ repo: name, foreign: true, live: true, changes: [{ name: 'refs/heads/main', evidence: { kind: 'command' } }, { name: 'c.ts', evidence: { kind: 'bytes' } }] })
    expect(await world.ask(runForm, ['show', id])).toMatchObject({ state: 'running', sources: [{ repo: name, live: true }] })
    expect((await world.call(['show', id])).stdout).toContain('c.ts holds the bytes of its round')
    expect((await world.call(['log', id])).stdout).toContain(`2 things of yours in ${name} changed during the run`)
    const ended = await end()
    expect(ended).toMatchObject({ outcome: 'escaped', sources: [{ changes: [] }, { repo: name, changes: [{}, {}, { name: 'd.txt', evidence: null }] }] })
    expect(ended.sources[1]).not.toHaveProperty('live')
    expect(await untilEvents(world, id, 'source.compared', 3)).toHaveLength(3)
  })
})

describe('a run that writes into the checkout of its own repo while it works', () => {
  it('is noticed at once, and has not escaped where all of that was put back before its end', async () => {
    const { own, start } = await createStage()
    const { id, end } = await start(`echo x > a.txt; cp a.txt ${own}/a.txt`)
    const [seen] = await untilEvents(world, id, 'source.compared', 1)
    expect(seen?.data).toMatchObject({ live: true, changes: [{ name: 'a.txt', evidence: { kind: 'bytes' } }] })
    git(own, 'restore', 'a.txt')
    expect(await end()).toMatchObject({ outcome: 'completed', sources: [{ changes: [], unread: null }] })
  })
})

describe('a human at work in other repos while a run is on', () => {
  it.each(['private', 'linked'])('is not taken for it in %s isolation, whatever they do there, and neither are runs of ours that land there', async (isolation) => {
    const { name, web, codes, start } = await createStage()
    const { end } = await start('echo x > a.txt', '--isolation', isolation)
    const other = await runScript(world, await newTask(world, `Work on ${name}`, '--repo', name), 'echo landed > landed.txt')
    await world.ask(mergeForm, ['merge', other.id, '--approve'])
    git(web, 'branch', 'mine')
    writeFiles(web, { 'a.txt': 'edited by me\n' })
    git(web, 'config', 'alias.st', 'status')
    await newTask(world, 'Something else meanwhile')
    writeFiles(world.memory, { 'notes/mine.md': 'not committed yet\n' })
    const ended = await end()
    expect(ended).toMatchObject({ outcome: 'completed', sources: [{ changes: [] }, { repo: name, foreign: true }] })
    expect(ended.sources[1]?.changes.map(({ what, name: of, evidence }) => [what, of, evidence])).toEqual([['config', 'config: alias.st', null], ['ref', 'refs/heads/mine', null], ['file', 'a.txt', null]])
    expect(await codes(ended)).toEqual(['approval_missing'])
    run(world.memory, 'rm', ['notes/mine.md'])
  })
})

describe('another repo that cannot be looked at', () => {
  it('keeps no run from starting, ending and landing: it is said, as what nobody knows', async () => {
    const { name, web, codes, script } = await createStage()
    const away = await script(`echo x > a.txt; mv ${web} ${web}.away`, 0)
    expect(away).toMatchObject({ outcome: 'completed', sources: [{ changes: [] }, { repo: name, foreign: true, changes: [], unread: expect.stringContaining(`${name} at ${web} could not be read`) }] })
    expect((await world.call(['show', away.id])).stdout).toContain(`${name} could not be compared in full with what it was before the run`)
    expect(await codes(away)).toEqual(['approval_missing'])

    // A repo whose folder is not there is none that is on this machine; one that is broken is.
    expect((await script('echo y > a.txt', 0)).sources).toHaveLength(1)
    renameSync(`${web}.away`, web)
    renameSync(join(web, '.git/HEAD'), join(web, '.git/HEAD.away'))
    const broken = await script('echo z > a.txt', 0)
    expect(broken).toMatchObject({ outcome: 'completed', sources: [{ changes: [] }, { repo: name, unread: expect.stringContaining('could not be read') }] })
    await world.ask(mergeForm, ['merge', broken.id, '--approve'])
    renameSync(join(web, '.git/HEAD.away'), join(web, '.git/HEAD'))
    commitAll(web, 'back')
  })
})
