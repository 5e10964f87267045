import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, run, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fingerprints } from './harness/compare.ts'
import { approvalForm, failureForm, handoffForm, mergeForm, pushForm, runForm, whyForm } from './harness/contract.ts'
import { startSignalbox } from './harness/killable.ts'
import { humanCommits } from './harness/shop.ts'
import { until } from './harness/until.ts'
import { addRepo, createWorld, newTask, parseOutcome, runScript, type World } from './harness/world.ts'

const stoppedForm = failureForm.extend({ state: z.literal('stopped'), repos: pushForm.shape.repos })
const pushesForm = runForm.extend({ exits: z.array(z.string()), pushes: z.array(pushForm.omit({ format: true, state: true }).extend({ because: z.string().nullable() })) })

describe('a run that is pushed instead of landed here', () => {
  let world: World
  let sources: Readonly<Record<'api' | 'web', string>>
  const bare = (name: string): string => join(world.dir, `${name}.git`)
  const headOf = (name: string, branch: string): string => git(bare(name), 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`)
  const codes = async (...args: readonly string[]): Promise<readonly string[]> => ((await world.refused('push', ...args)).blockers ?? []).map(({ code, repo }) => `${code} ${repo}`)
  const show = (id: string) => world.ask(pushesForm, ['show', id])
  /** Lets a remote refuse, or wait until it is killed. */
  const hook = (name: string, script: string | null): void => writeFiles(bare(name), { 'hooks/pre-receive': script === null ? null : { executable: `#!/bin/sh\n${script}\n` } })

  beforeAll(async () => {
    world = await createWorld()
    sources = { api: world.source('api', { 'file.txt': 'api\n' }), web: world.source('web', { 'file.txt': 'web\n' }) }
    for (const [name, path] of Object.entries(sources)) {
      run(world.dir, 'git', ['clone', '--quiet', '--bare', path, bare(name)])
      git(path, 'remote', 'add', 'origin', bare(name))
      writeFiles(path, { '.git/hooks/pre-push': { executable: '#!/bin/sh\ntouch hook-ran\nexit 1\n' } })
      await addRepo(world, name, path)
    }
    await newTask(world, 'Say more', '--repo', 'api', '--repo', 'web')
    await runScript(world, 'T0001', 'echo more >> api/file.txt; echo more >> web/file.txt')
  })
  afterAll(() => world.close())

  it('is refused like a merge, and for what stands at the remote', async () => {
    expect(await codes('R0001')).toEqual(['approval_missing undefined'])
    await world.ask(approvalForm, ['approve', 'R0001'])
    expect((await world.ask(failureForm, ['push', 'R0001', '--remote', 'nowhere'], 3)).error).toMatchObject({ code: 'remote.not_found', hint: expect.stringContaining('origin') })
    const theirs = git(sources.web, 'commit-tree', '-p', 'main', '-m', 'theirs', 'main^{tree}')
    git(sources.web, 'push', '--quiet', '--no-verify', 'origin', `${theirs}:refs/heads/taken`)
    expect(await codes('R0001', '--branch', 'taken')).toEqual(['target_moved web'])
    git(sources.api, 'remote', 'set-url', 'origin', 'https://ada:s3cret-t0ken@127.0.0.1:1/api.git')
    const refused = await world.call(['push', 'R0001', '--json'])
    expect(refused.stdout).toContain('facts_unavailable')
    expect(refused.stdout + refused.stderr).not.toContain('s3cret-t0ken')
    git(sources.api, 'remote', 'set-url', 'origin', bare('api'))
    expect(headOf('api', 'signalbox/r0001') + headOf('web', 'signalbox/r0001')).toBe('')
  })

  it('goes on after a kill and after a remote that refused, with the same commits', async () => {
    const [looked, reached] = [join(world.dir, 'looked'), join(world.dir, 'reached')]
    hook('api', `touch ${looked}.at; while [ ! -e ${looked} ]; do sleep 0.05; done`)
    hook('web', `touch ${reached}; exec sleep 30`)
    const call = startSignalbox(world, ['push', 'R0001'])
    await until('the push to reach its first remote', () => (existsSync(`${looked}.at`) ? true : undefined))
    // What recovers meanwhile must not forget what is still under way.
    await show('R0001')
    writeFileSync(looked, '')
    await until('the push to reach its second remote', () => (existsSync(reached) ? true : undefined))
    call.kill('group')
    await call.ended
    hook('api', null)
    expect((await show('R0001')).pushes).toMatchObject([{ repos: [{ repo: 'api', pushed: true }, { repo: 'web', pushed: false }] }])
    expect(readFileSync(join(world.memory, 'runs/R0001/events.jsonl'), 'utf8')).toContain('"branch.pushed"')
    // Whatever command comes next puts on record what went through.
    expect((await world.ask(handoffForm, ['handoff', 'show', 'H0001'])).evidence).toMatchObject({ pushed: [{ repo: 'api', remote: 'origin' }] })

    hook('web', 'echo "only on fridays" >&2; exit 1')
    const stopped = parseOutcome(stoppedForm, await world.call(['push', 'R0001', '--json']), 4)
    expect(stopped).toMatchObject({ error: { code: 'push.stopped', message: expect.stringContaining('only on fridays') }, repos: [{ repo: 'api', pushed: true }, { repo: 'web', pushed: false }] })
    const [first] = (await show('R0001')).pushes
    expect(first).toMatchObject({ because: expect.stringContaining('only on fridays'), repos: [{ pushed: true }, { pushed: false }] })

    hook('web', null)
    const before = fingerprints(Object.values(sources))
    const done = await world.ask(pushForm, ['push', 'R0001'])
    expect(fingerprints(Object.values(sources))).toEqual(before)
    expect(done.repos.map(({ to }) => to)).toEqual(stopped.repos.map(({ to }) => to))
    expect(['api', 'web'].map((name) => headOf(name, 'signalbox/r0001'))).toEqual(done.repos.map(({ to }) => to))
    expect(await world.ask(pushForm, ['push', 'R0001'])).toEqual(done)
  })

  it('is the very tree that was reviewed, on its base, and moves nothing here', async () => {
    const shown = await show('R0001')
    for (const saved of shown.snapshots[0]?.repos ?? []) {
      const commit = headOf(saved.repo, 'signalbox/r0001')
      expect(git(bare(saved.repo), 'rev-parse', `${commit}^{tree}`, `${commit}^`)).toBe(`${saved.tree}\n${saved.base}`)
      expect(git(bare(saved.repo), 'log', '-1', '--format=%B', commit)).toContain('Signalbox-Run: R0001')
      expect(git(join(world.dir, saved.repo), 'rev-parse', 'main')).toBe(saved.base)
      expect(existsSync(join(world.dir, saved.repo, 'hook-ran'))).toBe(false)
    }
    expect(shown).toMatchObject({ taskStatus: 'review', merge: { state: 'approved' } })
  })

  it('is on record in its log, its handoff and its page, and the memory repo is clean', async () => {
    const types = readFileSync(join(world.memory, 'runs/R0001/events.jsonl'), 'utf8').split('\n').flatMap((line) => /"type":"((?:push|branch)\.\w+)"/.exec(line)?.[1] ?? [])
    expect(types).toEqual(['push.started', 'branch.pushed', 'push.stopped', 'branch.pushed'])
    const { evidence } = await world.ask(handoffForm, ['handoff', 'show', 'H0001'])
    expect(evidence).toMatchObject({ pushed: [{ repo: 'api', remote: 'origin', branch: 'signalbox/r0001', commit: headOf('api', 'signalbox/r0001') }, { repo: 'web' }] })
    expect((await world.call(['show', 'R0001'])).stdout).toMatch(/Pushed\n.*api → signalbox\/r0001 on origin/)
    expect(git(world.memory, 'status', '--porcelain')).toBe('')
  })

  it('says nothing of what it could not see', async () => {
    writeFiles(bare('api'), { 'hooks/post-receive': { executable: '#!/bin/sh\nmv "$PWD" "$PWD.away"\n' } })
    const stopped = parseOutcome(stoppedForm, await world.call(['push', 'R0001', '--branch', 'away', '--json']), 4)
    renameSync(`${bare('api')}.away`, bare('api'))
    expect(headOf('api', 'away')).toBe(stopped.repos[0]?.to)
    expect(stopped.error.message).toMatch(/could not be reached.*; nothing is known to have been pushed/s)
    expect((await world.call(['show', 'R0001'])).stdout).toMatch(/api → away on origin .*: not seen there yet/)
    writeFiles(bare('api'), { 'hooks/post-receive': null })
    expect((await world.ask(pushForm, ['push', 'R0001', '--branch', 'away'])).repos).toMatchObject([{ to: stopped.repos[0]?.to, pushed: true }, { pushed: true }])
  })

  it('opens pull requests once, and says what to do where there is no `gh`', async () => {
    writeFiles(world.dir, { 'only-git/git': { link: run(world.dir, 'sh', ['-c', 'command -v git']).trim() } })
    const without = parseOutcome(failureForm, await world.call(['push', 'R0001', '--pr', '--json'], { env: { PATH: join(world.dir, 'only-git') } }), 5)
    expect(without.error).toMatchObject({ code: 'forge.not_found', message: expect.stringContaining('api is pushed'), hint: expect.stringContaining('gh auth login') })
    const bin = join(world.dir, 'bin')
    writeFiles(world.dir, { 'bin/gh': { executable: `#!/bin/sh\necho "$(basename "$PWD") $2 $3 $4 $5 $6" >> ${world.dir}/gh-calls\ncase "$2" in list) echo '[]';; create) cat > "${world.dir}/$(basename "$PWD").body"; echo "https://example.org/$(basename "$PWD")/pull/1";; esac\n` } })
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
    const { repos } = parseOutcome(pushForm, await world.call(['push', 'R0001', '--pr', '--json'], { env }), 0)
    expect(repos.map(({ pullRequest }) => pullRequest)).toEqual(['https://example.org/api/pull/1', 'https://example.org/web/pull/1'])
    parseOutcome(pushForm, await world.call(['push', 'R0001', '--pr', '--json'], { env }), 0)
    expect(readFileSync(join(world.dir, 'gh-calls'), 'utf8').split('\n').filter((line) => line !== '')).toEqual(['api', 'web'].flatMap((name) => [`${name} list --head signalbox/r0001 --base main`, `${name} create --head signalbox/r0001 --base main`]))
    expect(readFileSync(join(world.dir, 'api.body'), 'utf8')).toContain('R0001.s1')
    expect((await show('R0001')).pushes[0]?.repos[1]).toMatchObject({ pullRequest: 'https://example.org/web/pull/1' })
  })

  it.each([['squash', 'R0001', 'fetched'], ['merge', 'R0001', 'merged']] as const)('is where a line comes from that was brought here from the remote, pushed by %s', async (strategy, id, name) => {
    const { repos } = await world.ask(pushForm, ['push', id, '--strategy', strategy, '--branch', name])
    const copy = join(world.dir, name)
    git(sources.api, 'fetch', '--quiet', 'origin')
    git(sources.api, 'worktree', 'add', '--quiet', '--detach', copy, 'main')
    git(copy, 'merge', '--quiet', '--no-ff', '-m', 'by hand', `origin/${name}`)
    const why = parseOutcome(whyForm, await world.call(['why', 'file.txt:2', '--json'], { cwd: copy }), 0)
    expect(why).toMatchObject({ standing: 'pushed', because: `${id} pushed it to ${name} on origin, and it came to this branch from there`, origin: { landing: { commit: repos[0]?.to, branch: name, remote: 'origin', strategy }, approval: { genuine: true }, run: { id } } })
    expect((await world.call(['why', 'file.txt:2'], { cwd: copy })).stdout).toMatch(new RegExp(`✓ ${id} pushed it to ${name} on origin`))
    git(sources.api, 'worktree', 'remove', copy)
  })

  it('publishes no commit of the human’s that the remote does not have', async () => {
    humanCommits(sources.api, 'mine.txt', 'not for anybody yet\n')
    await newTask(world, 'Say it all', '--repo', 'api')
    await runScript(world, 'T0002', 'echo all >> file.txt')
    await world.ask(approvalForm, ['approve', 'R0002'])
    expect(await codes('R0002')).toEqual(['target_missing api'])
    git(sources.api, 'push', '--quiet', '--no-verify', 'origin', 'main')
    const { repos } = await world.ask(pushForm, ['push', 'R0002', '--branch', 'main'])
    expect(headOf('api', 'main')).toBe(repos[0]?.to)
    expect((await world.ask(failureForm, ['push', 'R0002', '--branch', 'main', '--pr'], 2)).error.code).toBe('input.invalid')
  })

  it('says where it went, also when the remote is at another address now', async () => {
    run(world.dir, 'git', ['clone', '--quiet', '--bare', '--single-branch', '--branch', 'main', bare('api'), bare('moved')])
    git(sources.api, 'remote', 'set-url', 'origin', bare('moved'))
    const { repos } = await world.ask(pushForm, ['push', 'R0001'])
    git(sources.api, 'remote', 'set-url', 'origin', bare('api'))
    expect(repos).toMatchObject([{ repo: 'api', url: bare('moved'), to: headOf('api', 'signalbox/r0001'), pushed: true }, { repo: 'web', pushed: true }])
    expect(headOf('moved', 'signalbox/r0001')).toBe(repos[0]?.to)
    expect((await show('R0001')).pushes.flatMap((push) => (push.branch === 'signalbox/r0001' ? [push.repos[0]?.url] : []))).toEqual([bare('api'), bare('moved')])
  })

  it('is offered to go on as long as the approval holds', async () => {
    const again = 'signalbox push R0001 --remote origin --branch late'
    hook('web', 'exit 1')
    await world.refused('push', 'R0001', '--branch', 'late')
    expect((await show('R0001')).exits).toEqual([again])
    await world.signalbox(['reject', 'R0001'])
    expect((await show('R0001')).exits).toEqual([])
  })

  it('can land here as well, and then is not pushed any more', async () => {
    expect((await world.ask(mergeForm, ['merge', 'R0002'])).state).toBe('merged')
    expect((await world.refused('push', 'R0002')).error.code).toBe('run.already_merged')
  })
})
