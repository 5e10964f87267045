import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { commitAll, createRepo, git, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { failureForm, mergeForm, whyForm } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

/** `total.js`: line 1 from the human, 2 landed as a squash, 3 as a merge. */
describe('from a line of code', () => {
  let world: World
  let api: string
  const why = async (place: string, cwd = api): Promise<z.output<typeof whyForm>> => parseOutcome(whyForm, await world.call(['why', place, '--json'], { cwd }), 0)
  const headOf = (): string => git(api, 'rev-parse', 'main')

  beforeAll(async () => {
    world = await createWorld()
    api = world.source('api', { 'total.js': 'by hand\n' })
    await addRepo(world, 'api', api)
    await newTask(world, 'Squash it', '--repo', 'api')
    await newTask(world, 'Merge it', '--repo', 'api')
    await runScript(world, 'T0001', 'echo squashed >> total.js')
    await world.ask(mergeForm, ['merge', 'R0001', '--approve'])
    await runScript(world, 'T0002', 'echo merged >> total.js')
    await world.ask(mergeForm, ['merge', 'R0002', '--approve', '--strategy', 'merge'])
  })
  afterAll(() => world.close())

  it('to the human who wrote it: no run did', async () => {
    expect(await why('total.js:1')).toMatchObject({ repo: 'api', path: 'total.js', text: 'by hand', standing: 'no_run', because: expect.stringContaining('No run made it'), commit: { subject: 'first' }, claims: null, origin: null })
  })

  it('through a squash to its approval, run, packet and task', async () => {
    const value = await why('total.js:2')
    expect(value).toMatchObject({
      text: 'squashed',
      standing: 'landed',
      commit: { oid: git(api, 'rev-parse', 'main^1'), subject: 'Squash it (T0001)' },
      origin: { landing: { strategy: 'squash', branch: 'main', undone: false }, approval: { snapshot: 'R0001.s1', genuine: true }, run: { id: 'R0001', agent: 'shell' }, task: { id: 'T0001', title: 'Squash it', status: 'done' } },
      next: 'signalbox show R0001',
    })
    expect(value.origin?.landing.commit).toBe(value.commit?.oid)
    expect(readFileSync(join(world.memory, value.origin?.packet?.path ?? ''), 'utf8')).toContain('Squash it')
  })

  it('through a merge commit, whose second parent git names, to the commit that landed', async () => {
    const value = await why('total.js:3')
    expect(value).toMatchObject({ text: 'merged', standing: 'landed', commit: { oid: git(api, 'rev-parse', 'main^2') }, origin: { landing: { commit: headOf(), strategy: 'merge' }, run: { id: 'R0002' }, task: { id: 'T0002' } } })
  })

  it('from inside a folder, by the name of the repo, and after a rename, the same', async () => {
    const expected = (await why('total.js:2')).origin
    writeFiles(api, { 'docs/readme.md': 'read\n' })
    renameSync(join(api, 'total.js'), join(api, 'sum.js'))
    commitAll(api, 'rename')
    const answers = [await why('../sum.js:2', join(api, 'docs')), await why('api:sum.js:2', world.dir)]
    for (const answer of answers) expect(answer).toMatchObject({ path: 'sum.js', commit: { path: 'total.js', line: 2 }, origin: expected })
  })

  it('that is not committed, honestly', async () => {
    writeFiles(api, { 'sum.js': `${readFileSync(join(api, 'sum.js'), 'utf8')}not yet\n` })
    expect(await why('sum.js:4')).toMatchObject({ text: 'not yet', standing: 'uncommitted', commit: null, claims: null, origin: null, next: `git -C ${api} diff HEAD -- sum.js` })
    git(api, 'checkout', '--quiet', '--', 'sum.js')
  })

  it('with forged trailers to the plain words that they do not hold', async () => {
    const message = git(api, 'log', '-1', '--format=%B', 'main~2')
    expect(message).toContain('Signalbox-Run: R0001')
    writeFiles(api, { 'forged.js': 'forged\n' })
    commitAll(api, message)
    const value = await why('forged.js:1')
    expect(value).toMatchObject({ standing: 'unproven', claims: { run: 'R0001', task: 'T0001' }, origin: null, next: `git -C ${api} show ${headOf().slice(0, 10)}` })
    expect(value.because).toMatch(/do(es)? not hold.*R0001 landed .*not this commit/)
    humanCommits(api, 'other.js', 'x\n')
    git(api, 'commit', '--quiet', '--amend', '--message', 'Another\n\nSignalbox-Run: R0099\n')
    expect((await why('other.js:1')).because).toContain('There is no run R0099')
  })

  it('in text, with the next command to type', async () => {
    const landed = await world.call(['why', 'sum.js:3'], { cwd: api })
    expect(landed).toMatchObject({ exit: 0, stderr: '→ signalbox show R0002\n' })
    for (const word of ['sum.js:3 of api', 'R0002 landed it on main', 'R0002.s1 by ', 'runs/R0002/packet.md', 'T0002  Merge it']) expect(landed.stdout).toContain(word)
    expect((await world.call(['why', 'forged.js:1'], { cwd: api })).stdout).toContain('T0001 · R0001 · R0001.s1')
  })

  it('says of a landing that was taken back that it was', async () => {
    const landed = (await why('sum.js:3')).origin?.landing.commit ?? ''
    git(api, 'reset', '--quiet', '--hard', landed)
    await world.ask(mergeForm, ['undo', 'R0002'])
    git(api, 'switch', '--quiet', '--detach', landed)
    expect(await why('total.js:3')).toMatchObject({ standing: 'landed', origin: { landing: { undone: true } } })
  })

  it('says which repo a path of another leads into, and how to ask there', async () => {
    await addRepo(world, 'web', world.source('web', { 'p.txt': 'p\n' }))
    const { error } = parseOutcome(failureForm, await world.call(['why', 'api:../web/p.txt:1', '--json'], { cwd: api }), 3)
    expect(error).toMatchObject({ code: 'file.not_found', message: '../web/p.txt leads out of api, into web', hint: 'Ask there: signalbox why web:p.txt:1' })
  })

  it.each([
    ['outside every registered repo', () => join(createRepo({ 'a.txt': 'a\n' }, { path: join(world.dir, 'stranger') }), 'a.txt:1'), 3, 'repo.not_found'],
    ['of a repo that nobody registered', () => 'webby:a.txt:1', 3, 'repo.not_found'],
    ['of a file that is not there', () => 'gone.js:1', 3, 'file.not_found'],
    ['out of a repo by dots', () => 'api:../memory/signalbox.yaml:1', 3, 'repo.not_found'],
    ['beyond the last', () => 'total.js:99', 3, 'line.not_found'],
    ['number zero', () => 'total.js:0', 2, 'input.invalid'],
    ['without a number', () => 'total.js', 2, 'input.invalid'],
  ])('refuses a line %s', async (_name, place, exit, code) => {
    const { error } = parseOutcome(failureForm, await world.call(['why', place(), '--json'], { cwd: api }), exit)
    expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w+ \w+/) })
  })
})
