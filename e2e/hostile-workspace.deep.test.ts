import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fingerprint, git, run as exec, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gateForm, handoffForm, mergeForm, repoForm, runForm, type RunValue } from './harness/contract.ts'
import { humanCommits } from './harness/shop.ts'
import { addRepo, createWorld, newTask, type World } from './harness/world.ts'

let world: World
let made = 0
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

interface Stage {
  /** The human's repository, in a folder of its own, by the name of the repo. */
  readonly source: string
  readonly repo: string
  readonly task: string
  readonly script: (script: string, exit?: number) => Promise<RunValue>
}

/** A repository of its own, and a task on it that shell scripts work on. */
async function createStage(): Promise<Stage> {
  made += 1
  const repo = `api${made}`
  const source = world.source(`human${made}/${repo}`, { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'ignored/\n' })
  await addRepo(world, repo, source)
  const task = await newTask(world, `Work on ${repo}`, '--repo', repo)
  return { source, repo, task, script: (script, exit = 0) => world.ask(runForm, ['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', `set -e\n${script}`], exit) }
}

/** The message of what a refused call says, and its hint. */
async function refusalOf(...args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await world.call(args)
  expect(exit).not.toBe(0)
  return stdout + stderr
}

describe('an agent that puts a link to the files of its human in the place of its workspace', () => {
  it('has nothing of theirs deleted by taking in what it wrote there', async () => {
    const { source, script } = await createStage()
    const ran = await script(`cd /; rm -rf "$SIGNALBOX_WORKSPACE"; ln -s ${dirname(source)} "$SIGNALBOX_WORKSPACE"; echo edited >> ${source}/a.txt`)
    expect(ran.snapshots[0]).toMatchObject({ complete: false, repos: [{ files: 0, missing: [{ path: '.', reason: 'workspace_lost' }] }] })
    const before = fingerprint(source)
    expect(await refusalOf('seal', ran.id, '--take-escaped')).toContain('is a link now and no folder of ours')
    expect([readFileSync(join(source, 'a.txt'), 'utf8'), fingerprint(source)]).toEqual(['a\nedited\n', before])
  })

  it('has none of their ignored files moved by a conflict that is to be settled', async () => {
    const { source, repo, script } = await createStage()
    const { id, workspace } = await script('echo of the run > a.txt')
    const clone = join(world.dir, `clones${made}`, repo)
    exec('/', 'git', ['clone', '--quiet', source, clone])
    writeFiles(clone, { 'a.txt': 'of the run\n', 'ignored/kept': 'kept\n' })
    humanCommits(source, 'a.txt', 'by hand\n')
    rmSync(workspace ?? '', { recursive: true })
    symlinkSync(dirname(clone), workspace ?? '')
    expect(await refusalOf('refresh', id, '--resolve')).toContain('is a link now and no folder of ours')
    expect(readFileSync(join(clone, 'ignored/kept'), 'utf8')).toBe('kept\n')
  })

  it('has none of their uncommitted files sealed as its work, nor an agent started among them', async () => {
    const { source, repo, script } = await createStage()
    writeFiles(source, { 'private.txt': 'private\n' })
    const ran = await script(`cd ..; rm -rf ${repo}; ln -s ${source} ${repo}`)
    expect(ran.snapshots[0]).toMatchObject({ complete: false, repos: [{ files: 0, missing: [{ path: '.', reason: 'workspace_lost' }] }] })
    expect((await world.signalbox(['diff', ran.id])).stdout).not.toContain('private')
    expect((await world.refused('resume', ran.id)).error).toMatchObject({ code: 'resume.refused', message: expect.stringContaining(`a link lies in the place of its checkout of ${repo}`), hint: expect.stringContaining(`signalbox run ${ran.task} --agent shell -- `) })
    expect((await world.call(['clean', ran.id])).stdout).toContain('is a link now and no folder of ours')
    expect(existsSync(join(source, 'private.txt'))).toBe(true)
  })

  it('has nothing more of the setup run there', async () => {
    made += 1
    const source = world.source(`human${made}/api${made}`, { 'a.txt': 'a\n' })
    const command = `cd ..; rm -rf api${made}; ln -s ${source} api${made}`
    await world.ask(repoForm, ['repo', 'add', source, '--name', `api${made}`, '--setup', command, '--setup', 'touch made-by-setup'])
    const ran = await world.ask(runForm, ['run', await newTask(world, 'Set up', '--repo', `api${made}`), '--agent', 'shell', '--json', '--', 'touch', 'made-by-agent'], 5)
    expect(ran).toMatchObject({ outcome: 'failed', because: expect.stringContaining('a link lies in the place') })
    expect(git(source, 'status', '--porcelain')).toBe('')
  })
})

describe('an agent that puts a repository of its own in the place of the one it was given', () => {
  it('has the round say so, and its commits not removed with the workspace before they are moved away', async () => {
    const { script } = await createStage()
    const ran = await script('rm -rf .git; git init -q; git config user.name A; git config user.email a@b; git add -A; git commit -qm all; git checkout -qb feature; echo precious > work.c; git add work.c; git commit -qm real; git checkout -q -; echo x > x')
    expect(ran.snapshots[0]).toMatchObject({ complete: false, repos: [{ files: 1, missing: [{ path: '.git', reason: 'nested_repository' }] }] })
    const kept = await world.call(['clean', ran.id])
    expect(kept.stdout).toContain('holds what no round can save: .git (nested repository)')
    const checkout = join(ran.workspace ?? '', `api${made}`)
    expect(git(checkout, 'show', 'feature:work.c')).toBe('precious')
    renameSync(join(checkout, '.git'), join(world.dir, `moved${made}.git`))
    expect((await world.ask(runForm, ['seal', ran.id])).snapshots.at(-1)).toMatchObject({ complete: true, repos: [{ files: 1 }] })
  })
})

it('an agent that leaves a merge unfinished has a round that cannot land before its conflict is settled', async () => {
  const { source, repo, script } = await createStage()
  const ran = await script('git config user.name A; git config user.email a@b; echo ours > a.txt; git commit -qam ours; git checkout -qb other main; echo theirs > a.txt; git commit -qam theirs; ! git merge -q "signalbox/$(echo $SIGNALBOX_RUN | tr R r)"')
  expect(ran.snapshots[0]).toMatchObject({ complete: false, repos: [{ missing: [{ path: 'a.txt', reason: 'conflict_unsettled' }] }] })
  const { blockers } = await world.ask(gateForm, ['gate', ran.id], 4)
  expect(blockers[0]).toMatchObject({ code: 'snapshot_missing', message: expect.stringContaining(`${repo}/a.txt (conflict unsettled)`), remedy: { command: `signalbox seal ${ran.id}` } })
  writeFiles(join(ran.workspace ?? '', repo), { 'a.txt': 'ours and theirs\n' })
  expect((await world.ask(runForm, ['seal', ran.id])).snapshots.at(-1)).toMatchObject({ complete: true })
  await world.ask(mergeForm, ['merge', ran.id, '--approve'])
  expect(git(source, 'show', 'main:a.txt')).toBe('ours and theirs')
})

it('an agent that names a file as git stores none has all else sealed, and the name said', async () => {
  const { repo, script } = await createStage()
  const ran = await script('mkdir -p docs/git~1; echo x > docs/git~1/x; echo y > docs/y')
  const missing = [{ path: 'docs/git~1/x', reason: 'name_refused' }]
  expect(ran.snapshots[0]).toMatchObject({ complete: false, repos: [{ files: 1, missing }] })
  expect((await world.ask(gateForm, ['gate', ran.id], 4)).blockers[0]).toMatchObject({ message: expect.stringContaining(`${repo}/docs/git~1/x (name refused)`), remedy: { command: `signalbox seal ${ran.id}` } })
  const checkout = join(ran.workspace ?? '', repo)
  renameSync(join(checkout, 'docs/git~1'), join(checkout, 'docs/git-one'))
  expect((await world.ask(runForm, ['seal', ran.id])).snapshots.at(-1)).toMatchObject({ complete: true, repos: [{ files: 2 }] })
})

describe('a run without a workspace to go on in', () => {
  it('is begun anew with the last whole round where its checkout is gone, and neither sealed nor resumed', async () => {
    const { repo, task, script } = await createStage()
    const ran = await world.ask(runForm, ['run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', 'echo x >> b.txt'])
    rmSync(join(ran.workspace ?? '', repo), { recursive: true })
    await world.ask(runForm, ['seal', ran.id])
    const again = `signalbox run ${task} --agent shell --from ${ran.id}.s1 -- sh -c 'echo x >> b.txt'`
    const { blockers } = await world.ask(gateForm, ['gate', ran.id], 4)
    expect(blockers).toMatchObject([{ code: 'snapshot_missing', remedy: { sentence: expect.stringContaining('a checkout that is gone cannot be sealed'), command: again } }])
    expect((await world.refused('resume', ran.id)).error).toMatchObject({ code: 'resume.refused', message: expect.stringContaining(`its checkout of ${repo} is gone`), hint: expect.stringContaining(again) })
    expect(await world.ask(runForm, ['run', task, '--agent', 'shell', '--from', `${ran.id}.s1`, '--json', '--', 'sh', '-c', 'echo x >> b.txt'])).toMatchObject({ outcome: 'completed', snapshots: [{ complete: true, repos: [{ insertions: 2 }] }] })

    const lost = await script(`cd ..; rm -rf ${repo}; exit 1`, 5)
    expect((await world.call(['show', lost.id])).stdout).not.toContain('signalbox resume')
    expect((await world.ask(handoffForm, ['handoff', 'show', lost.handoff ?? ''])).next).not.toContain('signalbox resume')
  })

  it('is started again where it never had one', async () => {
    const { source, task } = await createStage()
    git(source, 'config', 'filter.odd.clean', 'cat')
    humanCommits(source, '.gitattributes', '*.odd filter=odd\n')
    const ran = await world.ask(runForm, ['run', task, '--agent', 'shell', '--json', '--', 'true'], 5)
    expect(ran).toMatchObject({ outcome: 'failed', snapshots: [] })
    expect((await world.ask(gateForm, ['gate', ran.id], 4)).blockers[0]).toMatchObject({ code: 'snapshot_missing', remedy: { command: `signalbox run ${task} --agent shell -- true` } })
  })
})

describe('a checkout that may not be looked into', () => {
  /** Calls the program as somebody who is not let through by being root. */
  const bound = (args: readonly string[]): SpawnSyncReturns<string> => {
    const bin = join(import.meta.dirname, '../apps/cli/bin/signalbox.mjs')
    const without = '-dac_override,-dac_read_search'
    const argv = [...(process.getuid?.() === 0 ? ['setpriv', `--inh-caps=${without}`, `--bounding-set=${without}`] : []), process.execPath, bin, ...args]
    return spawnSync(argv[0] ?? '', argv.slice(1), { cwd: world.dir, env: world.env, encoding: 'utf8' })
  }
  const ask = (...args: readonly string[]): RunValue => runForm.parse(JSON.parse(bound([...args]).stdout))

  it.each(['000', '300', '400'])('(mode %s) is named, what was saved before stays, and it is saved once it may be', async (mode) => {
    const { repo, task } = await createStage()
    const { id, workspace, snapshots } = ask('run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', `echo x > new.txt; git add new.txt; chmod ${mode} .`)
    expect(snapshots).toMatchObject([{ complete: false, repos: [{ missing: [{ path: '.', reason: 'unreadable' }, ...(mode === '300' ? [] : [{ path: 'new.txt', reason: 'unreadable' }])] }] }])
    const { blockers } = await world.ask(gateForm, ['gate', id], 4)
    expect(blockers[0]).toMatchObject({ code: 'snapshot_missing', message: expect.stringContaining(`${repo}/. (unreadable)`), remedy: { command: `signalbox seal ${id}` } })
    chmodSync(join(workspace ?? '', repo), 0o755)
    expect(ask('seal', id, '--json').snapshots.at(-1)).toMatchObject({ complete: true, repos: [{ files: 1 }] })
    chmodSync(join(workspace ?? '', repo), 0o000)
    const gate = bound(['gate', id, '--json'])
    expect([gate.status, gate.stdout]).toEqual([4, expect.stringContaining('cannot be read')])
    chmodSync(join(workspace ?? '', repo), 0o755)
  })

  it('is named where it is a folder in it, whose files a round before had, and is not called unchanged', async () => {
    const { repo, task } = await createStage()
    const { id, workspace } = ask('run', task, '--agent', 'shell', '--json', '--', 'sh', '-c', 'mkdir dir; echo x > dir/new.txt')
    const folder = join(workspace ?? '', repo, 'dir')
    writeFiles(join(workspace ?? '', repo), { 'dir/new.txt': 'y\n' })
    chmodSync(folder, 0o000)
    const gate = bound(['gate', id, '--json'])
    expect([gate.status, gate.stdout]).toEqual([4, expect.stringContaining(`${folder} cannot be read`)])
    expect(ask('seal', id, '--json').snapshots.at(-1)).toMatchObject({ complete: false, repos: [{ files: 1, missing: [{ path: 'dir', reason: 'unreadable' }] }] })
    chmodSync(folder, 0o755)
  })
})
