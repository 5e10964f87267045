import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, git, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffForm, failureForm, gateForm, handoffForm, mergeForm, runForm, type RunValue } from './harness/contract.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

/** One world, and in it a repository of its own for every test. */
let world: World
let made = 0
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

interface Stage {
  readonly source: string
  readonly task: string
  readonly codes: (run: RunValue) => Promise<readonly string[]>
  readonly script: (script: string, exit: number, ...flags: readonly string[]) => Promise<RunValue>
}

async function createStage(): Promise<Stage> {
  made += 1
  const name = `api${made}`
  const source = world.source(name, { 'a.txt': 'a\n', 'b.txt': 'b\n' })
  await addRepo(world, name, source)
  const task = await newTask(world, `Work on ${name}`, '--repo', name)
  return {
    source,
    task,
    codes: async ({ id }) => (await world.ask(gateForm, ['gate', id], 4)).blockers.map(({ code }) => code),
    script: (script, exit, ...flags) => world.ask(runForm, ['run', task, ...flags, '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`], exit),
  }
}

describe('an agent that writes beside its workspace', () => {
  it('escapes by the bytes of its own work in the checkout, which are taken in and cleared before it lands', async () => {
    const { source, codes, script } = await createStage()
    const ran = await script(`echo stolen > a.txt; cp a.txt ${source}/a.txt; echo more > ${source}/new.txt`, 5)
    expect(ran).toMatchObject({ state: 'ended', outcome: 'escaped', because: expect.stringMatching(/^It wrote beside its workspace: a.txt in api\d+; /) })
    expect((await world.call(['show', ran.id])).stdout).toContain('a.txt holds the bytes of its round')
    const gate = await world.ask(gateForm, ['gate', ran.id], 4)
    expect(gate.blockers[0]).toMatchObject({ code: 'run_escaped', message: expect.stringContaining('a.txt'), data: { paths: ['a.txt'] }, remedy: { sentence: expect.stringContaining(`signalbox seal ${ran.id} --take-escaped`), command: `git -C ${source} stash push -u -- a.txt` } })
    expect((await world.ask(handoffForm, ['handoff', 'show', ran.handoff ?? ''])).blocker).toContain('a.txt')
    expect((await world.refused('approve', ran.id)).error.code).toBe('gate.blocked')

    const taken = await world.ask(runForm, ['seal', ran.id, '--take-escaped'])
    expect(taken.snapshots.at(-1)).toMatchObject({ id: `${ran.id}.s2`, repos: [{ files: 2 }] })
    expect(readFileSync(join(source, 'new.txt'), 'utf8')).toBe('more\n')
    run(source, 'sh', ['-c', `${gate.blockers[0]?.remedy.command} && git stash push -q -u -- new.txt`])
    expect(await codes(ran)).toEqual(['approval_missing'])
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
    expect(readFileSync(join(source, 'a.txt'), 'utf8')).toBe('stolen\n')
  })

  it('is taken in over nothing that is in no round: what was edited in the workspace since is a round of its own', async () => {
    const { source, script } = await createStage()
    const ran = await script(`echo stolen > a.txt; cp a.txt ${source}/a.txt`, 5)
    const repo = `api${made}`
    const checkout = join(ran.workspace ?? '', repo)
    writeFileSync(join(checkout, 'a.txt'), 'fixed by hand\n')
    const taken = await world.ask(runForm, ['seal', ran.id, '--take-escaped'])
    expect(taken.snapshots.map(({ id }) => id)).toEqual(['s1', 's2', 's3'].map((number) => `${ran.id}.${number}`))
    const patchOf = async (round: number): Promise<string> => (await world.ask(diffForm, ['diff', `${ran.id}.s${round}`])).repos[0]?.patch ?? ''
    expect([await patchOf(2), await patchOf(3)]).toEqual([expect.stringContaining('+fixed by hand'), expect.stringContaining('+stolen')])

    const other = await script(`echo more > ${source}/new.txt; echo new.txt > .gitignore; echo mine > new.txt`, 0)
    const kept = join(other.workspace ?? '', repo, 'new.txt')
    expect((await world.ask(failureForm, ['seal', other.id, '--take-escaped'], 2)).error.message).toContain('new.txt')
    expect(readFileSync(kept, 'utf8')).toBe('mine\n')
  })

  it('is taken in from all its repos or from none', async () => {
    const [one, two] = [world.source('one', { 'a.txt': 'a\n' }), world.source('two', { 'a.txt': 'a\n' })]
    await addRepo(world, 'one', one)
    await addRepo(world, 'two', two)
    const task = await newTask(world, 'Work on both', '--repo', 'one', '--repo', 'two')
    const ran = await world.ask(runForm, ['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', `echo x > ${one}/a.txt; echo x > ${two}/a.txt`])
    writeFileSync(join(two, 'a.txt'), 'changed again\n')
    expect((await world.refused('seal', ran.id, '--take-escaped')).error.code).toBe('record.changed_underneath')
    expect(readFileSync(join(ran.workspace ?? '', 'one', 'a.txt'), 'utf8')).toBe('a\n')
  })

  it('escapes by a commit of its own that it pushes into a branch, until that is put back', async () => {
    const { source, codes, script } = await createStage()
    const ran = await script(`echo work > a.txt; git commit -qam work; git push -q ${source} HEAD:refs/heads/stolen`, 5)
    expect(ran).toMatchObject({ outcome: 'escaped' })
    const [blocker] = (await world.ask(gateForm, ['gate', ran.id], 4)).blockers
    expect(blocker).toMatchObject({ code: 'run_escaped', data: { refs: ['refs/heads/stolen'], paths: [] } })
    run(source, 'sh', ['-c', blocker?.remedy.command ?? 'false'])
    expect(git(source, 'branch', '--list', 'stolen')).toBe('')
    expect(await codes(ran)).toEqual(['approval_missing'])
  })

  it('escapes by what its git does in the checkout itself', async () => {
    const { source, codes, script } = await createStage()
    const ran = await script(`echo work > a.txt; git commit -qam work; git -C ${source} fetch -q "$PWD" HEAD:refs/heads/stolen; cd ${source}; echo x > b.txt; git commit -qam evil`, 5)
    expect(ran).toMatchObject({ outcome: 'escaped', sources: [{ changes: [{ name: 'refs/heads/main', evidence: { kind: 'command' } }, { name: 'refs/heads/stolen', evidence: { kind: 'commit' } }] }] })
    expect(await codes(ran)).toContain('run_escaped')
  })

  it('escapes by a commit it makes from its workspace straight into the branch of its human, with or without a trace', async () => {
    for (const before of ['', 'unset GIT_TRACE2_EVENT; ']) {
      const { source, codes, script } = await createStage()
      const ran = await script(`${before}echo agentwork > f; rm .git; ln -s ${source}/.git .git; git add -A; git commit -qm into-human`, 5)
      expect(ran).toMatchObject({ outcome: 'escaped', because: expect.stringContaining('refs/heads/main in api') })
      expect(await codes(ran)).toContain('run_escaped')
      await world.ask(runForm, ['seal', ran.id, '--mine', 'I told it to'])
      expect(await codes(ran)).not.toContain('run_escaped')
    }
  })

  it('is only warned of where nothing shows that it did it, and its human may still take the edits in', async () => {
    const { source, codes, script } = await createStage()
    const ran = await script(`echo edited > ${source}/a.txt; rm ${source}/b.txt; ln -s a.txt ${source}/link`, 0)
    expect(ran).toMatchObject({ outcome: 'completed', sources: [{ changes: [{ what: 'file', name: 'a.txt', evidence: null }, { name: 'b.txt' }, { name: 'link' }] }] })
    expect((await world.signalbox(['show', ran.id])).stdout).toContain('3 things of yours')
    expect((await world.ask(handoffForm, ['handoff', 'show', ran.handoff ?? ''])).what).toContain('nothing shows that the run did it')
    expect(await codes(ran)).toEqual(['nothing_changed'])
    await world.ask(runForm, ['seal', ran.id, '--take-escaped'])
    git(source, 'stash', 'push', '-q', '-u')
    await world.ask(mergeForm, ['merge', ran.id, '--approve'])
    expect([readFileSync(join(source, 'link'), 'utf8'), existsSync(join(source, 'b.txt'))]).toEqual(['edited\n', false])
  })

  it('blocks where the checkout could not be looked at, until it is back and looked at again', async () => {
    const { source, codes, script } = await createStage()
    const ran = await script(`echo x > a.txt; mv ${source} ${source}.away`, 5)
    expect(ran).toMatchObject({ outcome: 'failed' })
    renameSync(`${source}.away`, source)
    expect(await codes(ran)).toEqual(['snapshot_missing', 'facts_unavailable'])
    await world.ask(runForm, ['seal', ran.id])
    expect(await codes(ran)).toEqual(['approval_missing'])
  })

  it('blocks where nothing is kept to compare with, until its human answers for it; sealing once more asks nothing again', async () => {
    const { codes, script } = await createStage()
    const ran = await script(`echo x > a.txt; find ${world.state} -path '*/runs/R*/sources.json' -delete`, 0)
    expect((await world.ask(gateForm, ['gate', ran.id], 4)).blockers[0]).toMatchObject({ code: 'facts_unavailable', data: { mine: true }, remedy: { command: `signalbox seal ${ran.id} --mine 'why'` } })
    await world.ask(runForm, ['seal', ran.id, '--mine', 'I looked: nothing changed'])
    expect(await codes(ran)).toEqual(['approval_missing'])
    run(ran.workspace ?? '', 'sh', ['-c', 'cd */ && echo more > b.txt'])
    expect((await world.ask(runForm, ['seal', ran.id])).snapshots).toHaveLength(2)
    expect(await codes(ran)).toEqual(['approval_missing'])
  })

  it('is not led out of its workspace by a link it laid where edits would be taken in', async () => {
    const { source, script } = await createStage()
    const outside = join(world.dir, 'outside')
    const ran = await script(`mkdir -p ${outside} ${source}/dir; echo x > ${source}/dir/file; ln -s ${outside} dir`, 0)
    expect((await world.ask(runForm, ['show', ran.id])).sources).toMatchObject([{ changes: [{ name: 'dir/file' }] }])
    const { error } = await world.ask(failureForm, ['seal', ran.id, '--take-escaped'], 2)
    expect(error.message).toContain('dir in the workspace')
    expect(existsSync(join(outside, 'file'))).toBe(false)
  })
})

describe('a human at work while a run is on', () => {
  it('is not taken for it, whether they edit, commit, pull its commits by hand or land another run', async () => {
    const { source, task, codes, script } = await createStage()
    const go = join(world.dir, `go${made}`)
    const same = "printf '%80s' alike > b.txt"
    const started = await world.ask(runForm, ['run', task, '--detach', '--agent', 'shell', '--json', '--', 'sh', '-c', `${same}; echo x > own.txt; git add -A; git commit -qm own; touch ${go}.ready; while ! test -e ${go}; do sleep 0.05; done`])

    const other = await script(same, 0)
    await world.ask(mergeForm, ['merge', other.id, '--approve'])
    run(world.dir, 'sh', ['-c', `while ! test -e ${go}.ready; do sleep 0.05; done`])
    const { workspace } = await world.ask(runForm, ['show', started.id])
    git(source, 'fetch', '-q', join(workspace ?? '', `api${made}`), 'HEAD:refs/heads/look')
    writeFiles(source, { 'mine.txt': 'mine\n' })
    commitAll(source, 'mine')
    writeFileSync(join(source, 'a.txt'), 'edited by me\n')
    git(source, 'config', 'alias.st', 'status')
    writeFileSync(go, '')
    await world.signalbox(['log', started.id, '-f'])
    const ended = await world.ask(runForm, ['show', started.id])
    expect(ended).toMatchObject({ outcome: 'completed' })
    expect(ended.sources[0]?.changes.map(({ what, name, evidence }) => [what, name, evidence])).toEqual([['config', 'config: alias.st', null], ['ref', 'refs/heads/look', null], ['ref', 'refs/heads/main', null], ['file', 'a.txt', null]])
    expect(await codes(ended)).not.toContain('run_escaped')
  })

  it('finds nothing said of a landing that another run of ours made meanwhile', async () => {
    const { task, script } = await createStage()
    const go = join(world.dir, `go${made}`)
    const started = await world.ask(runForm, ['run', task, '--detach', '--isolation', 'linked', '--agent', 'shell', '--json', '--', 'sh', '-c', `echo y > b.txt; while ! test -e ${go}; do sleep 0.05; done`])

    const other = await script('echo y > b.txt', 0, '--isolation', 'linked')
    await world.ask(mergeForm, ['merge', other.id, '--approve'])
    writeFileSync(go, '')
    await world.signalbox(['log', started.id, '-f'])
    expect(await world.ask(runForm, ['show', started.id])).toMatchObject({ outcome: 'completed', sources: [{ changes: [] }] })
    rmSync(go)
  })

  it('may say that it was them', async () => {
    const { source, codes, script } = await createStage()
    const ran = await script(`echo same > a.txt; cp a.txt ${source}/a.txt`, 5)
    expect(await codes(ran)).toContain('run_escaped')
    await world.ask(runForm, ['seal', ran.id, '--mine', 'I copied it'])
    expect(await codes(ran)).toEqual(['target_dirty', 'approval_missing'])
    expect((await world.refused('seal', ran.id, '--mine', 'again')).error.code).toBe('run.not_escaped')
  })
})
