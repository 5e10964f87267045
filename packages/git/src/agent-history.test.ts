import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type AgentHistory, type Oid } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, git as raw, removeTempDirs, run as exec, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import { readGitDir } from './git-dir.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const run = runIdSchema.parse('R0001')

/** A run on a repository, whose agent works in `work`. */
async function start() {
  const path = createRepo({ 'a.txt': 'a\n' })
  writeFiles(path, { 'b.txt': 'b\n' })
  commitAll(path, 'second')
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  await engine.workspaces.create(checkout, base, main)
  const work = checkout.path
  const commit = (file: string, message: string): Oid => (writeFiles(work, { [file]: `${message}\n` }), oidSchema.parse(commitAll(work, message)))
  const seal = async (): Promise<{ readonly saved: Awaited<ReturnType<typeof engine.snapshots.capture>>; readonly history: AgentHistory }> => {
    const saved = await engine.snapshots.capture(checkout, base, 1)
    return { saved, history: await engine.snapshots.readAgentHistory(source, { run, number: 1, base, commit: saved.commit }) }
  }
  const request = (saved: { readonly commit: Oid; readonly tree: Oid }, commits: readonly Oid[]) => [{ source, branch: main, base, snapshotCommit: saved.commit, tree: saved.tree, commits }]
  const land = { message: 'The rest\n\nSignalbox-Run: R0001\n', strategy: 'keep' as const }
  return { engine, path, source, base, work, commit, seal, request, land, stateDir }
}

/** Writes a commit as no honest git would, and has the agent stand on it. */
function forge(work: string, head: string, text: (headers: string) => string | Buffer, tree = 'HEAD^{tree}'): void {
  const file = join(createTempDir('forge'), 'commit')
  writeFileSync(file, text(`tree ${raw(work, 'rev-parse', tree)}\nparent ${raw(work, 'rev-parse', head)}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n`))
  writeFileSync(join(readGitDir(work), 'HEAD'), `${raw(work, 'hash-object', '-t', 'commit', '-w', '--literally', file)}\n`)
}

describe('the commits of an agent', () => {
  test('are those from the base to its HEAD, oldest first, and what is in none of them is the rest', async () => {
    const { base, work, commit, seal } = await start()
    const [one, two] = [commit('a.txt', 'one'), commit('new/c.txt', 'two\n\nand why')]
    writeFiles(work, { 'b.txt': 'left\n' })
    const { history } = await seal()
    expect(history).toMatchObject({
      kind: 'linear',
      commits: [
        { oid: one, parent: base, subject: 'one', message: 'one\n', files: 1, insertions: 1, deletions: 1 },
        { oid: two, parent: one, subject: 'two', message: 'two\n\nand why\n', files: 1, insertions: 3 },
      ],
      rest: { files: 1, insertions: 1, deletions: 1 },
    })
  })

  test('say who committed them, also where that is not their author', async () => {
    const { work, seal } = await start()
    forge(work, 'HEAD', (headers) => `${headers.replace('committer a <a@b> 1', 'committer c <c@d> 2')}\nhi\n`)
    expect((await seal()).history).toMatchObject({ commits: [{ author: 'a', email: 'a@b', at: '1970-01-01T00:00:01.000Z', committer: { name: 'c', email: 'c@d', at: '1970-01-01T00:00:02.000Z' } }] })
  })

  test('are all there is where nothing is left over, and none where it committed nothing', async () => {
    const all = await start()
    all.commit('a.txt', 'one')
    expect((await all.seal()).history).toMatchObject({ commits: [{ subject: 'one' }], rest: null })
    const none = await start()
    writeFiles(none.work, { 'a.txt': 'left\n' })
    expect((await none.seal()).history).toEqual({ kind: 'linear', commits: [], rest: { files: 1, insertions: 1, deletions: 1 } })
  })

  test('are none any more once they were taken back before the same snapshot was saved again', async () => {
    const { base, work, commit, seal } = await start()
    commit('a.txt', 'one')
    expect((await seal()).history).toMatchObject({ commits: [{ subject: 'one' }] })
    raw(work, 'reset', '--quiet', '--soft', base)
    expect((await seal()).history).toEqual({ kind: 'linear', commits: [], rest: { files: 1, insertions: 1, deletions: 1 } })
  })

  test.each<[string, string, (work: string, commit: (file: string, message: string) => Oid) => unknown]>([
    ['a merge', 'is a merge', (work, commit) => {
      commit('a.txt', 'one')
      raw(work, 'switch', '--quiet', '-c', 'side', 'HEAD^')
      commit('b.txt', 'two')
      raw(work, '-c', 'user.name=a', '-c', 'user.email=a@b', 'merge', '--quiet', '--no-edit', '-')
    }],
    ['a history of its own', 'do not descend from the base', (work) => {
      raw(work, 'checkout', '--quiet', '--orphan', 'new')
      commitAll(work, 'anew')
    }],
    ['a HEAD before the base', 'went back', (work) => raw(work, 'reset', '--quiet', '--soft', 'HEAD^')],
    ['a submodule', 'what a submodule is at', (work, commit) => {
      const oid = raw(work, 'rev-parse', 'HEAD')
      raw(work, 'update-index', '--add', '--cacheinfo', `160000,${oid},vendor`)
      raw(work, 'commit', '--quiet', '-m', 'vendor')
      raw(work, 'rm', '--quiet', '--cached', 'vendor')
      commit('a.txt', 'and away')
    }],
    ['an encoding', 'a header of its own, encoding', (work) => forge(work, 'HEAD', (headers) => `${headers}encoding latin1\n\nhi\n`)],
    ['a signature', 'a header of its own, gpgsig', (work) => forge(work, 'HEAD', (headers) => `${headers}gpgsig -----BEGIN\n end\n\nhi\n`)],
    ['a NUL', 'a NUL in its text', (work) => forge(work, 'HEAD', (headers) => `${headers}\nhi\0there\n`)],
    ['bytes that are no text', 'not UTF-8', (work) => forge(work, 'HEAD', (headers) => Buffer.concat([Buffer.from(`${headers}\n`), Buffer.from([0xff, 0xfe])]))],
    ['a message without end', 'bytes of text', (work) => forge(work, 'HEAD', (headers) => `${headers}\n${'x'.repeat(70_000)}`)],
    ['trailers of ours', 'trailer of Signalbox', (work) => forge(work, 'HEAD', (headers) => `${headers}\nhi\n\nSignalbox-Run: R0001\n`)],
    ['a tree that names .git', 'hasDotgit', (work) => {
      const file = join(createTempDir('forge'), 'tree')
      writeFileSync(file, Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(raw(work, 'rev-parse', 'HEAD:a.txt'), 'hex')]))
      forge(work, 'HEAD', (headers) => `${headers}\nhi\n`, raw(work, 'hash-object', '-t', 'tree', '-w', '--literally', file))
      forge(work, 'HEAD', (headers) => `${headers}\nand away\n`, 'HEAD^^{tree}')
    }],
  ])('with %s cannot land as they are', async (_what, says, act) => {
    const { work, commit, seal } = await start()
    act(work, commit)
    const { saved, history } = await seal()
    expect(saved.missing.filter(({ path }) => path === '.git/HEAD')).toEqual([])
    expect(history).toEqual({ kind: 'unfit', because: expect.stringContaining(says) })
  })

  test('that cannot be read any more are unknown, not none', async () => {
    const { engine, source, base, commit, stateDir } = await start()
    commit('a.txt', 'one')
    const two = commit('a.txt', 'two')
    const saved = await engine.snapshots.capture({ run, source, path: join(stateDir, 'gone'), isolation: 'private' }, base, 2)
    for (const left of [`${two}\n`, '']) {
      writeFileSync(join(stateDir, 'vaults', 'api.git', 'refs', 'signalbox', 'runs', 'R0001', 's2-head'), left)
      await expect(engine.snapshots.readAgentHistory(source, { run, number: 2, base, commit: saved.commit })).rejects.toMatchObject({ code: 'git.command_failed' })
    }
  })
})

test('commits that git could not look through are unknown, and are looked through the next time', async () => {
  const { engine, source, base, commit, seal, stateDir } = await start()
  const { saved } = (commit('a.txt', 'one'), await seal())
  rmSync(join(stateDir, 'vaults', 'api.git', 'signalbox', 'history-2'), { recursive: true })
  const dir = createTempDir('git')
  const real = exec(dir, 'sh', ['-c', 'command -v git']).trim()
  const script = `#!/bin/sh\n[ "$1" = --exec-path ] && exec echo ${dir}/libexec/git-core\n[ "$1" = index-pack ] && echo 'fatal: No space left on device' >&2 && exit 128\nexec ${real} "$@"\n`
  writeFiles(dir, { 'bin/git': { executable: script }, 'libexec/git-core': { link: raw(dir, '--exec-path') } })
  const full = createGitEngine({ stateDir, env: { ...process.env, PATH: `${dir}/bin:${process.env['PATH']}` } })
  const step = { run, number: 1, base, commit: saved.commit }
  await expect(full.snapshots.readAgentHistory(source, step)).rejects.toMatchObject({ code: 'git.command_failed' })
  expect(await engine.snapshots.readAgentHistory(source, step)).toMatchObject({ kind: 'linear' })
})

describe('a landing that keeps them', () => {
  test('has the very commits, and one on top of what the agent left in none', async () => {
    const { engine, path, base, work, commit, seal, request, land } = await start()
    const [one, two] = [commit('a.txt', 'one'), commit('b.txt', 'two')]
    writeFiles(work, { 'b.txt': 'left\n' })
    const { saved } = await seal()
    const [landing] = await engine.landing.prepare(run, request(saved, [one, two]), land)
    expect(landing).toMatchObject({ from: base, tree: saved.tree, commits: [one, two] })
    expect(exec(path, 'git', ['rev-list', '--parents', `${landing?.to}`, `^${base}`]).trim().split('\n')).toEqual([`${landing?.to} ${two}`, `${two} ${one}`, `${one} ${base}`])
    expect(raw(path, 'rev-parse', `${landing?.to}^{tree}`)).toBe(saved.tree)
    expect(raw(path, 'log', '-1', '--format=%B', `${landing?.to}`)).toContain('Signalbox-Run: R0001')
  })

  test('ends with the last of them where that is the approved tree', async () => {
    const { engine, path, base, commit, seal, request, land } = await start()
    const one = commit('a.txt', 'one')
    const { saved } = await seal()
    expect(await engine.landing.prepare(run, request(saved, [one]), land)).toMatchObject([{ to: one, commits: [one] }])
    expect(exec(path, 'git', ['rev-list', '--objects', one, `^${base}`]).trim().split('\n')).toHaveLength(3)
  })

  test('refuses commits that do not lead from the base one by one', async () => {
    const { engine, base, path, commit, seal, request, land } = await start()
    const [one, two, three] = [commit('a.txt', 'one'), commit('b.txt', 'two'), commit('a.txt', 'three')]
    const { saved } = await seal()
    for (const commits of [[two, three], [one, three], [one, two, two, three], [three, two, one], [base]]) await expect(engine.landing.prepare(run, request(saved, commits), land)).rejects.toMatchObject({ code: 'merge.stopped' })
    expect(raw(path, 'for-each-ref', 'refs/signalbox/pins/R0001/landing-*')).toBe('')
  })
})
