import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema } from '@signalbox/core'
import { commitAll, createRepo, createTempDir, fingerprint, git as raw, removeTempDirs, run, writeFiles, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'

/** `npm run test:crash` kills more. */
const kills = Number(process.env['SIGNALBOX_KILLS'] ?? 4)

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const runId = runIdSchema.parse('R0007')

function prepare(files: Files = { 'a.txt': 'a\n', 'dir/b.txt': 'b\n' }, branch = 'main') {
  const path = createRepo(files, { branch })
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const base = oidSchema.parse(raw(path, 'rev-parse', 'HEAD'))
  const checkout = { run: runId, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  const create = (): Promise<void> => engine.workspaces.create(checkout, base, branchNameSchema.parse(branch))
  return { path, stateDir, engine, source, base, checkout, work: checkout.path, create }
}

describe('create', () => {
  test('makes a clean checkout of the base on the branch of the run, which plain git works in', async () => {
    const { path, base, work, create } = prepare({ 'a.txt': 'a\n', 'tool.sh': { executable: 'x' }, link: { link: 'a.txt' }, '-dash': 'd', 'line\nbreak': 'l' })
    raw(path, 'config', 'user.name', 'Ada "the\tfirst" \\ Lovelace')
    await create()
    expect(raw(work, 'status', '--porcelain')).toBe('')
    expect(raw(work, 'symbolic-ref', 'HEAD')).toBe('refs/heads/signalbox/r0007')
    expect(raw(work, 'rev-parse', 'HEAD', 'main')).toBe(`${base}\n${base}`)
    expect(raw(work, 'config', 'user.name')).toBe('Ada "the\tfirst" \\ Lovelace')
    expect(raw(work, 'worktree', 'list').split('\n').at(-1)).toContain(work)
    expect(raw(work, 'remote')).toBe('')
    writeFiles(work, { 'a.txt': 'edited\n' })
    commitAll(work, 'works')
    raw(work, 'checkout', '--quiet', 'main')
    raw(work, 'merge', '--quiet', 'signalbox/r0007')
    raw(work, 'gc', '--quiet', '--prune=now')
    expect(raw(work, 'fsck', '--connectivity-only', '--no-dangling')).toBe('')
  })

  test('changes nothing of the source but a pin, which keeps the base when its branch goes', async () => {
    const { path, base, work, create } = prepare()
    const before = fingerprint(path)
    await create()
    expect(fingerprint(path)).toEqual(before)
    expect(raw(path, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/signalbox/')).toBe(`refs/signalbox/pins/R0007/base-${base} ${base}`)
    raw(path, 'checkout', '--quiet', '--orphan', 'fresh')
    commitAll(path, 'fresh')
    raw(path, 'branch', '-D', 'main')
    raw(path, 'reflog', 'expire', '--expire=now', '--all')
    raw(path, 'gc', '--quiet', '--prune=now')
    expect(raw(work, 'fsck', '--connectivity-only', '--no-dangling')).toBe('')
  })

  test.each(['signalbox', 'signalbox/r0007', 'release/2'])('works from a branch named %s', async (branch) => {
    const { base, work, create } = prepare({ a: 'a' }, branch)
    await create()
    expect(raw(work, 'rev-parse', 'HEAD')).toBe(base)
    expect(raw(work, 'symbolic-ref', 'HEAD')).toBe('refs/heads/signalbox/r0007')
  })

  test('borrows through a source that borrows itself, by a relative path', async () => {
    const origin = createRepo({ 'a.txt': 'a\n' })
    const parent = createTempDir()
    raw(parent, 'clone', '--quiet', '--shared', origin, 'clone')
    const path = join(parent, 'clone')
    raw('/', 'clone', '--quiet', '--bare', origin, join(parent, 'objects.git'))
    writeFileSync(join(path, '.git/objects/info/alternates'), '../../../objects.git/objects\n')
    const engine = createGitEngine({ stateDir: createTempDir('state') })
    const checkout = { run: runId, source: { repo: repoNameSchema.parse('api'), path }, path: join(createTempDir(), 'api'), isolation: 'private' as const }
    await engine.workspaces.create(checkout, oidSchema.parse(raw(path, 'rev-parse', 'HEAD')), main)
    expect(readFileSync(join(checkout.path, 'a.txt'), 'utf8')).toBe('a\n')
    expect(raw(checkout.path, 'status', '--porcelain')).toBe('')
  })

  test("hides what the human's own rules hide, from the agent and from the capture", async () => {
    const { path, base, checkout, engine, work, create } = prepare()
    const user = join(process.env['XDG_CONFIG_HOME'] ?? '', 'git')
    mkdirSync(user, { recursive: true })
    writeFileSync(join(user, 'ignore'), '.idea/') // without a line end
    writeFileSync(join(path, '.git/info/exclude'), '*.local\n')
    try {
      await create()
    } finally {
      rmSync(join(user, 'ignore'))
    }
    writeFiles(work, { '.idea/x': 'x', 'my.local': 'x', 'new.txt': 'n\n' })
    const { commit } = await engine.snapshots.capture(checkout, base, 1)
    expect(raw(work, 'status', '--porcelain', '--', 'my.local')).toBe('')
    const diff = await engine.snapshots.diff(checkout.source, base, commit)
    expect(diff.files.map((file) => file.path)).toEqual(['new.txt'])
  })

  test('does nothing the second time: work is never thrown away', async () => {
    const { work, create } = prepare()
    await create()
    writeFiles(work, { 'a.txt': 'work\n', 'new.txt': 'work\n' })
    await create()
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('work\n')
    expect(existsSync(join(work, 'new.txt'))).toBe(true)
  })

  test('refuses a folder that holds something else, and leaves it', async () => {
    const { work, create } = prepare()
    writeFiles(work, { precious: 'p' })
    await expect(create()).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('not empty') })
    expect(readdirSync(work)).toEqual(['precious'])
  })

  test('refuses a base that needs a program, and leaves nothing', async () => {
    const { source, work, create, stateDir } = prepare({ 'a.txt': 'a\n', 'deep/.gitattributes': '*.txt filter=lfs\n' })
    raw(source.path, 'config', 'filter.lfs.process', 'git-lfs filter-process')
    await expect(create()).rejects.toMatchObject({ code: 'repo.filter_not_allowed', message: expect.stringContaining('deep/.gitattributes:1') })
    expect(existsSync(work)).toBe(false)
    expect(existsSync(join(stateDir, 'runs/R0007/index-api'))).toBe(false)
  })

  test('names a state folder that cannot be written', async () => {
    const { source, checkout, base } = prepare()
    const file = join(createTempDir(), 'a file')
    writeFileSync(file, '')
    const engine = createGitEngine({ stateDir: join(file, 'state') })
    await expect(engine.workspaces.create({ ...checkout, source }, base, main)).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining(file) })
  })

  test('refuses a base that is not there', async () => {
    const { engine, checkout } = prepare()
    await expect(engine.workspaces.create(checkout, oidSchema.parse('1'.repeat(40)), main)).rejects.toMatchObject({ code: 'git.command_failed' })
    expect(existsSync(checkout.path)).toBe(false)
  })

  test.each(['private', 'linked'] as const)('can be run again after a kill at any moment, and removal too, in %s isolation', { timeout: 60_000 + kills * 30_000 }, async (isolation) => {
    const files: Record<string, string> = {}
    for (let index = 0; index < 120; index += 1) files[`dir${index % 20}/file${index}.txt`] = `${index}\n`
    const { path, stateDir, base, checkout: plain, engine, work } = prepare(files)
    const checkout = { ...plain, isolation }
    const script = `
      import { createGitEngine } from ${JSON.stringify(join(import.meta.dirname, 'git-engine.ts'))}
      const engine = createGitEngine({ stateDir: ${JSON.stringify(stateDir)} })
      const checkout = ${JSON.stringify(checkout)}
      process.stdout.write('ready\\n')
      for (;;) {
        await engine.workspaces.create(checkout, ${JSON.stringify(base)}, 'main')
        await engine.workspaces.remove(checkout)
      }`
    for (let round = 0; round < kills; round += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await sleep((round * 13) % 127) // the moment of the kill is what varies
      child.kill('SIGKILL')
      await once(child, 'exit')
      await engine.workspaces.create(checkout, base, main)
      expect(raw(work, 'status', '--porcelain')).toBe('')
      await engine.workspaces.remove(checkout)
      expect([existsSync(work), existsSync(join(stateDir, 'runs/R0007/git/api.git')), raw(path, 'worktree', 'list').includes('\n')]).toEqual([false, false, false])
    }
    expect(run(join(path, '.git'), 'find', ['.', '-name', '*.lock'])).toBe('')
    expect(run(stateDir, 'find', ['.', '-name', '*.lock', '-o', '-name', '*.half*'])).toBe('')
    expect(raw(path, 'status', '--porcelain')).toBe('')
  })
})

describe('the worktree of a linked run', () => {
  /** The same run of two memory repos on one source: state folders, and so checkouts, of their own. */
  function two() {
    const a = prepare()
    const stateDir = createTempDir('state')
    const here = { ...a.checkout, isolation: 'linked' as const }
    const other = createGitEngine({ stateDir })
    return { ...a, here, other, there: { ...here, path: join(createTempDir('workspace'), 'api') } }
  }

  test('is not taken over by a run of the same name of another memory repo', async () => {
    const { path, engine, base, here, other, there, work } = two()
    await engine.workspaces.create(here, base, main)
    writeFiles(work, { 'a.txt': 'staged\n' })
    raw(work, 'add', '.')
    const before = fingerprint(path)
    await expect(other.workspaces.create(there, base, main)).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining(work) })
    await expect(other.workspaces.remove(there)).rejects.toMatchObject({ code: 'input.invalid' })
    expect([raw(work, 'status', '--porcelain'), existsSync(there.path), fingerprint(path)]).toEqual(['M  a.txt', false, before])
  })

  test('is no reason to take anything away where only the branch is there', async () => {
    const { path, base, here, other } = two()
    raw(path, 'branch', 'signalbox/r0007', raw(path, 'commit-tree', '-p', base, '-m', 'mine', `${base}^{tree}`))
    mkdirSync(here.path)
    const before = fingerprint(path)
    await expect(other.workspaces.create(here, base, main)).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('branch') })
    expect([existsSync(here.path), fingerprint(path)]).toEqual([true, before])
  })

  test('stays where a human moved it, and what it holds is not known to be nothing', async () => {
    const { path, engine, base, here, work } = two()
    await engine.workspaces.create(here, base, main)
    const moved = join(createTempDir('human'), 'moved')
    raw(path, 'worktree', 'move', work, moved)
    writeFiles(moved, { 'a.txt': 'late\n' })
    await expect(engine.snapshots.findUnsaved(here, { base, commit: base })).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining(moved) })
    await expect(engine.workspaces.discard(runId, join(work, '..'), [here])).rejects.toMatchObject({ code: 'input.invalid' })
    expect([raw(moved, 'status', '--porcelain'), existsSync(join(work, '..'))]).toEqual([' M a.txt', true])
    raw(path, 'worktree', 'move', moved, work)
    expect(await engine.snapshots.findUnsaved(here, { base, commit: base })).toMatchObject({ changed: ['a.txt'] })
  })
})

describe('create after a kill', () => {
  test('waits for the git that outlived its parent', async () => {
    const { stateDir, base, checkout, create, work } = prepare()
    const signs = createTempDir('signs')
    const bin = createTempDir('wrapper')
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const script = `#!/bin/sh\n[ "$1" = --exec-path ] && echo ${bin}/libexec && exit\nexport GIT_EXEC_PATH=${raw('/', '--exec-path')}\n[ "$1" = read-tree ] && { touch ${signs}/began; while [ ! -e ${signs}/go ]; do sleep 0.02; done; }\nexec ${real} "$@"\n`
    writeFiles(bin, { 'bin/git': { executable: script }, 'libexec/x': '' })
    const program = `
      import { createGitEngine } from ${JSON.stringify(join(import.meta.dirname, 'git-engine.ts'))}
      await createGitEngine({ stateDir: ${JSON.stringify(stateDir)} }).workspaces.create(${JSON.stringify(checkout)}, ${JSON.stringify(base)}, 'main')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore', env: { ...process.env, PATH: `${bin}/bin:${process.env['PATH'] ?? ''}` } })
    while (!existsSync(join(signs, 'began'))) await sleep(10)
    child.kill('SIGKILL')
    await once(child, 'exit')
    let done = false
    const creation = create().then(() => (done = true))
    await sleep(400)
    expect(done).toBe(false)
    writeFileSync(join(signs, 'go'), '')
    await creation
    expect(raw(work, 'status', '--porcelain')).toBe('')
  })
})

describe('remove', () => {
  test('takes working tree and git directory, read-only folders too, and leaves snapshots', async () => {
    const { base, checkout, engine, work, create, source, stateDir } = prepare()
    await create()
    writeFiles(work, { 'ro/x': 'x', 'a.txt': 'edited\n' })
    execFileSync('chmod', ['555', join(work, 'ro')])
    const { commit } = await engine.snapshots.capture(checkout, base, 1)
    await engine.workspaces.remove(checkout)
    expect(existsSync(work)).toBe(false)
    expect(existsSync(join(stateDir, 'runs/R0007/git/api.git'))).toBe(false)
    expect((await engine.snapshots.diff(source, base, commit)).files.map((file) => file.path)).toEqual(['a.txt', 'ro/x'])
    await engine.workspaces.remove(checkout)
    await create()
    expect(raw(work, 'status', '--porcelain')).toBe('')
  })
})

describe('a check folder', () => {
  async function saved() {
    const prepared = prepare({ 'a.txt': 'a\n', 'dir/b.txt': 'b\n', '.gitignore': 'node_modules/\n' })
    const { engine, checkout, base, work, create, stateDir } = prepared
    await create()
    writeFiles(work, { 'a.txt': 'one\n', 'new.txt': 'n\n' })
    const first = await engine.snapshots.capture(checkout, base, 1)
    writeFiles(work, { 'a.txt': 'two\n', 'new.txt': null, 'dir/b.txt': null, dir: 'a file now\n' })
    const second = await engine.snapshots.capture(checkout, base, 2)
    const folder = join(stateDir, 'checks', 'api')
    const reset = (commit = first.commit): Promise<void> => engine.workspaces.resetCheckFolder(prepared.source, folder, commit)
    const readTree = () => engine.workspaces.readCheckTree(prepared.source, folder)
    return { ...prepared, first, second, folder, reset, readTree }
  }

  test('is exactly the commit, keeps installed dependencies, and lets commands call git', async () => {
    const { first, second, folder, reset, readTree } = await saved()
    await reset()
    expect(await readTree()).toBe(first.tree)
    expect(raw(folder, 'status', '--porcelain')).toBe('')
    expect(raw(folder, 'rev-parse', 'HEAD')).toBe(first.commit)
    writeFiles(folder, { 'node_modules/x/index.js': 'x', 'a.txt': 'made dirty\n', 'left.txt': 'behind', 'deep/left.txt': 'behind' })
    raw(folder, 'init', '--quiet', 'left-repo')
    await reset(second.commit)
    expect(await readTree()).toBe(second.tree)
    expect(readdirSync(folder).toSorted()).toEqual(['.git', '.gitignore', 'a.txt', 'dir', 'node_modules'])
    expect(raw(folder, 'status', '--porcelain')).toBe('')
    expect(raw(folder, 'log', '--format=%H', '-1')).toBe(second.commit)
    commitAll(folder, 'a check may commit')
    await reset()
    expect(raw(folder, 'rev-parse', 'HEAD')).toBe(first.commit)
  })

  test.each<[string, (folder: string) => void]>([
    ['an edit', (folder) => writeFiles(folder, { 'a.txt': 'formatted\n' })],
    ['an edit of the same second and size', (folder) => writeFiles(folder, { 'a.txt': 'tw0\n' })],
    ['a new file', (folder) => writeFiles(folder, { 'report.xml': '<x/>' })],
    ['a deleted file', (folder) => writeFiles(folder, { 'new.txt': null })],
    ['a changed mode', (folder) => void execFileSync('chmod', ['755', join(folder, 'a.txt')])],
    ['a repository inside', (folder) => void createRepo({ x: 'x' }, { path: join(folder, 'inside') })],
  ])('shows %s as another tree, and the next reset takes it back', async (_name, change) => {
    const { first, folder, reset, readTree } = await saved()
    await reset()
    change(folder)
    expect(await readTree()).not.toBe(first.tree)
    await reset()
    expect(await readTree()).toBe(first.tree)
  })

  test.each(['checks/api', 'checks'])('whose %s is a link by now is refused, and nothing behind the link is touched', async (name) => {
    const { folder, reset, readTree, stateDir } = await saved()
    await reset()
    const theirs = createRepo({ 'api/a.txt': 'theirs\n' })
    writeFiles(theirs, { 'api/draft.txt': 'theirs, too\n' })
    const place = join(stateDir, name)
    renameSync(place, `${place}-before`)
    symlinkSync(name === 'checks' ? theirs : join(theirs, 'api'), place)
    const before = fingerprint(theirs)
    await expect(reset()).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining(place) })
    await expect(readTree()).rejects.toMatchObject({ code: 'disk.unwritable' })
    expect([fingerprint(theirs), existsSync(folder)]).toEqual([before, true])
  })

  test.each<[string, (folder: string) => void]>([
    ['a broken .git', (folder) => writeFiles(folder, { '.git': 'gitdir: /nonexistent\n' })],
    ['a .git that is a link', (folder) => writeFiles(folder, { '.git': { link: '/etc' } })],
    ['a folder swapped for a link that leads out', (folder) => writeFiles(folder, { dir: { link: folder.replace(/checks.*/, 'outside') } })],
    ['a repository where a file belongs', (folder) => {
      writeFiles(folder, { 'a.txt': null })
      createRepo({ x: 'x' }, { path: join(folder, 'a.txt') })
    }],
    ['a lock left by a killed reset', () => {}],
    ['the folder removed', (folder) => rmSync(folder, { recursive: true })],
  ])('is made right after %s', async (_name, damage) => {
    const { first, folder, reset, readTree, stateDir } = await saved()
    writeFiles(join(stateDir, 'outside'), { 'b.txt': 'not ours to touch' })
    await reset()
    damage(folder)
    const indexes = join(stateDir, 'check-indexes')
    const index = readdirSync(indexes).find((name) => !name.includes('.')) ?? ''
    writeFileSync(join(indexes, `${index}.lock`), '')
    await reset()
    expect(await readTree()).toBe(first.tree)
    expect(raw(folder, 'status', '--porcelain')).toBe('')
    expect(readFileSync(join(stateDir, 'outside/b.txt'), 'utf8')).toBe('not ours to touch')
  })
})
