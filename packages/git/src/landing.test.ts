import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { landingJournalSchema, parseBranchName, parseOid, parseRepoName, parseRunId, type BranchName, type LandingJournal, type LandingRepo, type Oid, type RepoName, type RunId } from '@signalbox/core'
import { commitAll, createTarget, createTempDir, fingerprint, git, removeTempDirs, run, writeFiles, type Files, type Target } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGit } from './exec.ts'
import type { Failpoint, JournalFile } from './landing-journal.ts'
import type { LandingCommit } from './landing-prepare.ts'
import { createFilters } from './filters.ts'
import { createLanding, type Landing } from './landing.ts'
import { layoutOf } from './layout.ts'
import { createVaults } from './vault.ts'

afterAll(removeTempDirs)

const oid = (text: string): Oid => parseOid(text) ?? fail(text)
const repoName = (text: string): RepoName => parseRepoName(text) ?? fail(text)
const runId: RunId = parseRunId('R0001') ?? fail('R0001')
const main: BranchName = parseBranchName('main') ?? fail('main')
function fail(text: string): never {
  throw new Error(`not valid: ${text}`)
}

const FILES: Files = {
  'README.md': 'read me\n',
  '.gitignore': '.env\n*.log\n',
  'src/one.txt': 'one\n',
  'src/two.txt': 'two\n',
  'old/gone.txt': 'gone\n',
  'turns/into-file': 'folder\n',
  becomes: 'file\n',
  tool: { executable: '#!/bin/sh\n' },
  link: { link: 'README.md' },
}
const CHANGE: Files = {
  'src/one.txt': 'ONE\n',
  'src/new/deep.txt': 'deep\n',
  'old/gone.txt': null,
  'turns/into-file': null,
  turns: 'a file now\n',
  becomes: null,
  'becomes/folder.txt': 'a folder now\n',
  tool: '#!/bin/sh\n',
  link: { link: 'src/one.txt' },
  'sp ce\tü\n.txt': 'odd\n',
}

interface Scene {
  readonly targets: Readonly<Record<string, Target>>
  readonly landing: Landing
  /** Every journal written, oldest first. */
  readonly written: LandingJournal[]
  readonly file: JournalFile
}

const PLACES = { here: 'here', linked: 'linked', nowhere: 'nowhere' } as const

const stage = createTempDir('landing')
const folder = join(stage, 'scene')
const built = new Map<Files, Readonly<Record<string, Target>>>()

/**
 * Three repositories: main checked out in the registered worktree, in a linked one, and nowhere. They are made once
 * and copied back for each test, always to the same place because worktrees hold absolute paths.
 */
function createTargets(change: Files): Readonly<Record<string, Target>> {
  const known = built.get(change)
  const template = join(stage, `template-${known === undefined ? built.size : [...built.keys()].indexOf(change)}`)
  run(stage, 'sh', ['-c', `rm -rf scene${known === undefined ? '' : ` && cp -a ${template} scene`}`])
  if (known !== undefined) return known
  const targets = Object.fromEntries(Object.entries(PLACES).map(([name, place]) => [name, createTarget(folder, name, { main: place, files: FILES, change })]))
  run(stage, 'cp', ['-a', 'scene', template])
  built.set(change, targets)
  return targets
}

function createScene(options: { readonly failpoint?: Failpoint; readonly change?: Files } = {}): Scene {
  const targets = createTargets(options.change ?? CHANGE)
  const door = createGit()
  const layout = layoutOf(join(folder, 'state'))
  const vaults = createVaults(door, layout)
  const filters = createFilters({ git: door, env: process.env, file: layout.filters })
  const written: LandingJournal[] = []
  const landing = createLanding({ git: door, env: process.env, filters, vaults, ...(options.failpoint === undefined ? {} : { failpoint: options.failpoint }) })
  return { targets, landing, written, file: { write: async (journal) => void written.push(landingJournalSchema.parse(structuredClone(journal))) } }
}

function targetOf(scene: Scene, name: string): Target {
  return scene.targets[name] ?? fail(name)
}

async function prepare(scene: Scene, commit: Partial<LandingCommit> = {}): Promise<readonly LandingRepo[]> {
  const requests = Object.entries(scene.targets).map(([name, { path, base, snapshotCommit, tree }]) => ({
    source: { repo: repoName(name), path },
    branch: main,
    base: oid(base),
    snapshotCommit: oid(snapshotCommit),
    tree: oid(tree),
  }))
  return scene.landing.prepare(runId, requests, { message: 'Say hello\n\nSignalbox-Run: R0001\n', strategy: 'squash', ...commit })
}

function journalOf(repos: readonly LandingRepo[], kind: LandingJournal['kind'] = 'merge'): LandingJournal {
  return { format: 1, run: runId, kind, owner: { pid: process.pid, startTime: '0', bootId: 'boot' }, tag: `test-${process.pid}-${Math.random()}`, repos: [...repos] }
}

async function land(scene: Scene): Promise<readonly LandingRepo[]> {
  const outcome = await scene.landing.publish(journalOf(await prepare(scene)), scene.file)
  expect(outcome).toMatchObject({ state: 'done' })
  return outcome.repos
}

function undoJournal(repos: readonly LandingRepo[]): LandingJournal {
  return journalOf(repos.map((repo) => ({ ...repo, checkout: null, step: 'published' as const })), 'undo')
}

/** Everything of the human's in all three repositories but reflogs and the index's file times, which tell that we were there. */
function contentOf(scene: Scene): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(scene.targets).map(([name, { path, checkout }]) => {
      const places = [...new Set([path, ...(checkout === null ? [] : [checkout])])]
      const files = places.map((place) => Object.entries(fingerprint(place)).filter(([key]) => !/\.git\/(.*\/)?(logs\/.*|index)$/.test(key)))
      return [name, { files, index: places.map((place) => git(place, 'ls-files', '--stage', '--debug').replaceAll(/^ +(ctime|mtime|dev|uid).*$/gm, '')) }]
    }),
  )
}

function fingerprints(scene: Scene): unknown {
  return Object.values(scene.targets).flatMap(({ path, checkout }) => [fingerprint(path), checkout === null ? {} : fingerprint(checkout)])
}

describe('preparing', () => {
  test('makes one squash commit with the approved tree and the human as its author, pins it, and moves nothing', async () => {
    const scene = createScene()
    const before = fingerprints(scene)
    const repos = await prepare(scene)
    expect(fingerprints(scene)).toEqual(before)
    expect(repos.map(({ checkout, step }) => ({ checkout, step }))).toEqual(Object.values(scene.targets).map(({ checkout }) => ({ checkout, step: 'prepared' })))
    for (const { source, from, to, tree } of repos) {
      expect(git(source, 'log', '-1', '--format=%T %P|%an <%ae>|%cn <%ce>|%B', to)).toBe(`${tree} ${from}|Human <human@example.com>|Human <human@example.com>|Say hello\n\nSignalbox-Run: R0001\n`)
      expect(git(source, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/signalbox')).toBe(`refs/signalbox/pins/R0001/landing-${to} ${to}`)
    }
  })

  test('makes a merge commit whose second parent is one commit on the base, both with the approved tree', async () => {
    const repos = await prepare(createScene(), { strategy: 'merge' })
    for (const { source, from, to, tree } of repos) {
      const [first, second = ''] = git(source, 'log', '-1', '--format=%P', to).split(' ')
      expect(first).toBe(from)
      expect(git(source, 'log', '-1', '--format=%T %P|%B', second)).toBe(`${tree} ${from}|Say hello\n\nSignalbox-Run: R0001\n`)
      expect(git(source, 'log', '-1', '--format=%T|%s|%(trailers:key=Signalbox-Run,valueonly)', to).trim()).toBe(`${tree}|Merge R0001 into main|R0001`)
    }
  })

  test('does not bring the agent’s own commit into the source', async () => {
    const scene = createScene()
    await prepare(scene)
    for (const { path, snapshotCommit } of Object.values(scene.targets)) expect(run(path, 'git', ['cat-file', '-e', snapshotCommit], { okExits: [1] })).toBe('')
  })

  test('is whole in the source without the vault', async () => {
    const scene = createScene()
    for (const { source, to } of await prepare(scene)) {
      expect(git(source, 'fsck', '--strict', '--no-dangling')).toBe('')
      git(source, 'gc', '--prune=now', '--quiet')
      expect(git(source, 'show', `${to}:src/one.txt`)).toBe('ONE')
    }
  })

  test('falls back on the login name where the human has no identity', async () => {
    const scene = createScene()
    for (const { path } of Object.values(scene.targets)) for (const key of ['user.name', 'user.email']) git(path, 'config', '--unset', key)
    const [repo] = await prepare(scene)
    expect(git(repo?.source ?? '', 'log', '-1', '--format=%ae', repo?.to ?? '')).toMatch(/^.+@localhost$/)
  })

  test('refuses a snapshot that is not the approved one', async () => {
    const scene = createScene()
    const { path, base, snapshotCommit } = targetOf(scene, 'here')
    const request = { source: { repo: repoName('here'), path }, branch: main, base: oid(base), snapshotCommit: oid(snapshotCommit), tree: oid(git(path, 'rev-parse', 'main^{tree}')) }
    await expect(scene.landing.prepare(runId, [request], { message: 'm', strategy: 'squash' })).rejects.toMatchObject({ code: 'merge.stopped' })
  })
})

describe('publishing', () => {
  test.each(['squash', 'merge'] as const)('lands a %s in a checkout here, in a linked one and in a branch checked out nowhere', async (strategy) => {
    const scene = createScene()
    writeFileSync(join(targetOf(scene, 'here').path, '.env'), 'SECRET=1\n')
    const outcome = await scene.landing.publish(journalOf(await prepare(scene, { strategy })), scene.file)
    expect(outcome).toMatchObject({ state: 'done', repos: [{ step: 'published' }, { step: 'published' }, { step: 'published' }] })
    for (const { source, to, tree, checkout } of outcome.repos) {
      expect(git(source, 'rev-parse', 'main', 'main^{tree}').split('\n')).toEqual([to, tree])
      if (checkout !== null) expect(git(checkout, 'status', '--porcelain')).toBe('')
    }
    expect(git(targetOf(scene, 'nowhere').path, 'status', '--porcelain')).toBe('')
    expect(readFileSync(join(targetOf(scene, 'here').path, '.env'), 'utf8')).toBe('SECRET=1\n')
    expect(readFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'becomes/folder.txt'), 'utf8')).toBe('a folder now\n')
  })

  test('writes every step down before it is taken and after', async () => {
    const scene = createScene()
    await land(scene)
    expect(scene.written.map(({ repos }) => repos.map(({ step }) => step).join(' '))).toEqual([
      'prepared prepared prepared',
      'publishing prepared prepared',
      'published prepared prepared',
      'published publishing prepared',
      'published published prepared',
      'published published publishing',
      'published published published',
    ])
  })

  /** What a human does to their repositories, by the name of the hindrance. */
  const hindrances: Readonly<Record<string, (scene: Scene) => void>> = {
    'an ignored file in the way': (scene) => writeFileSync(join(targetOf(scene, 'linked').checkout ?? '', '.env'), 'SECRET=1\n'),
    'an untracked file in the way': (scene) => writeFiles(targetOf(scene, 'linked').checkout ?? '', { 'src/new/deep.txt': 'mine\n' }),
    'an untracked folder where a file should be': (scene) => writeFiles(targetOf(scene, 'linked').checkout ?? '', { 'turns/mine.log': 'mine\n' }),
    'an edited file': (scene) => writeFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'src/one.txt'), 'mine\n'),
    'an edited file that the change leaves alone': (scene) => writeFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'README.md'), 'mine\n'),
    'an edited file that git was told to look past': (scene) => {
      git(targetOf(scene, 'linked').checkout ?? '', 'update-index', '--assume-unchanged', 'src/one.txt')
      writeFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'src/one.txt'), 'mine\n')
    },
    'a staged file': (scene) => {
      writeFiles(targetOf(scene, 'linked').checkout ?? '', { 'staged.txt': 'mine\n' })
      git(targetOf(scene, 'linked').checkout ?? '', 'add', 'staged.txt')
    },
    'a moved branch': (scene) => {
      writeFiles(targetOf(scene, 'linked').checkout ?? '', { 'more.txt': 'mine\n' })
      commitAll(targetOf(scene, 'linked').checkout ?? '', 'mine')
    },
    'a moved branch that is checked out nowhere': (scene) => {
      const { path, base } = targetOf(scene, 'nowhere')
      git(path, 'update-ref', 'refs/heads/main', git(path, 'commit-tree', '-p', base, '-m', 'mine', `${base}^{tree}`))
    },
    'a deleted branch': (scene) => git(targetOf(scene, 'nowhere').path, 'branch', '--quiet', '-D', 'main'),
    'a lock on the index': (scene) => writeFileSync(git(targetOf(scene, 'linked').checkout ?? '', 'rev-parse', '--path-format=absolute', '--git-path', 'index.lock'), ''),
    'a lock on the branch': (scene) => writeFileSync(join(targetOf(scene, 'nowhere').path, '.git/refs/heads/main.lock'), ''),
    'a bisect under way': (scene) => git(targetOf(scene, 'linked').checkout ?? '', 'bisect', 'start'),
    'a rebase of the branch under way elsewhere': (scene) => writeFiles(join(targetOf(scene, 'nowhere').path, '.git'), { 'rebase-merge/head-name': 'refs/heads/main\n' }),
  }
  const withEnv: Files = { ...CHANGE, '.env': 'landed\n' }

  test.each(Object.entries(hindrances))('refuses all before it touches anything when there is %s', async (_name, disturb) => {
    const scene = createScene({ change: withEnv })
    const prepared = await prepare(scene)
    disturb(scene)
    const before = fingerprints(scene)
    const outcome = await scene.landing.publish(journalOf(prepared), scene.file)
    expect(outcome.state).toBe('undone')
    expect(outcome.repos.filter(({ step }) => step === 'refused').map(({ because }) => because)).toEqual([expect.stringMatching(/\w+/)])
    expect(fingerprints(scene)).toEqual(before)
    expect(scene.written).toEqual([])
  })

  const inTheMiddle = ['an ignored file in the way', 'an untracked folder where a file should be', 'an edited file', 'a staged file', 'a moved branch', 'a moved branch that is checked out nowhere', 'a lock on the index']
  test.each(inTheMiddle)('takes the first repos back when the next meets %s', async (what) => {
    const disturb = hindrances[what] ?? fail(what)
    let before: unknown
    const scene = createScene({
      change: withEnv,
      failpoint: (name) => {
        if (name !== 'landing.after_publish:here') return
        disturb(scene)
        before = { ...contentOf(scene), here: contentAtStart }
      },
    })
    const contentAtStart = contentOf(scene)['here']
    const outcome = await scene.landing.publish(journalOf(await prepare(scene)), scene.file)
    expect(outcome.state).toBe('undone')
    expect(outcome.repos.map(({ step }) => step)).toContain('refused')
    expect(outcome.repos[0]).toMatchObject({ step: 'rolled_back' })
    expect(contentOf(scene)).toEqual(before)
  })

  test('asks git itself last: a file that appears after our look is refused and everything taken back', async () => {
    const scene = createScene({ change: withEnv, failpoint: (name) => (name === 'landing.before_publish:linked' ? hindrances['an ignored file in the way']?.(scene) : undefined) })
    const before = contentOf(scene)
    const outcome = await scene.landing.publish(journalOf(await prepare(scene)), scene.file)
    expect(outcome).toMatchObject({ state: 'undone', repos: [{ step: 'rolled_back' }, { step: 'refused', because: expect.stringMatching(/^git merge in [^]*\.env/) }, { step: 'prepared' }] })
    const env = join(targetOf(scene, 'linked').checkout ?? '', '.env')
    expect(readFileSync(env, 'utf8')).toBe('SECRET=1\n')
    git(targetOf(scene, 'linked').checkout ?? '', 'clean', '--quiet', '--force', '-x', '.env')
    expect(contentOf(scene)).toEqual(before)
  })

  test('takes the first repos back when the next is gone from the disk', async () => {
    const scene = createScene({ failpoint: (name) => (name === 'landing.after_publish:linked' ? renameSync(targetOf(scene, 'nowhere').path, `${targetOf(scene, 'nowhere').path}-away`) : undefined) })
    const outcome = await scene.landing.publish(journalOf(await prepare(scene)), scene.file)
    expect(outcome).toMatchObject({ state: 'undone', repos: [{ step: 'rolled_back' }, { step: 'rolled_back' }, { step: 'refused', because: expect.stringContaining('nowhere') }] })
  })

  test('leaves a repo that somebody built on, says so exactly, and finishes when the way is free', async () => {
    const scene = createScene({
      failpoint: (name) => {
        if (name !== 'landing.after_publish:here' || existsSync(join(targetOf(scene, 'here').path, 'more.txt'))) return
        writeFiles(targetOf(scene, 'here').path, { 'more.txt': 'mine\n' })
        commitAll(targetOf(scene, 'here').path, 'mine')
        hindrances['an edited file']?.(scene)
      },
    })
    const outcome = await scene.landing.publish(journalOf(await prepare(scene)), scene.file)
    const head = git(targetOf(scene, 'here').path, 'rev-parse', 'main')
    expect(outcome).toMatchObject({ state: 'stuck', repos: [{ step: 'stuck', because: expect.stringContaining('on top of') }, { step: 'refused', because: expect.stringContaining('src/one.txt') }, { step: 'prepared' }] })
    expect(git(targetOf(scene, 'here').path, 'log', '-1', '--format=%s')).toBe('mine')
    git(targetOf(scene, 'linked').checkout ?? '', 'checkout', '--quiet', '--', 'src/one.txt')
    const journal = scene.written.at(-1) ?? fail('no journal')
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'done' })
    expect(git(targetOf(scene, 'here').path, 'rev-parse', 'main')).toBe(head)
  })
})

describe('undoing', () => {
  test('takes all three back to where they were', async () => {
    const scene = createScene()
    for (const { path, checkout, base } of Object.values(scene.targets)) git(checkout ?? path, 'update-ref', 'ORIG_HEAD', base) // as any merge leaves it
    const before = contentOf(scene)
    const repos = await land(scene)
    expect(await scene.landing.undo(undoJournal(repos), scene.file)).toMatchObject({ state: 'undone', repos: [{ step: 'rolled_back' }, { step: 'rolled_back' }, { step: 'rolled_back' }] })
    expect(contentOf(scene)).toEqual(before)
  })

  const obstacles: Readonly<Record<string, (scene: Scene) => void>> = {
    'a commit on top': (scene) => {
      writeFiles(targetOf(scene, 'here').path, { 'more.txt': 'mine\n' })
      commitAll(targetOf(scene, 'here').path, 'mine')
    },
    'an edited file': (scene) => writeFileSync(join(targetOf(scene, 'here').path, 'README.md'), 'mine\n'),
    'an untracked file where one would come back': (scene) => writeFiles(targetOf(scene, 'here').path, { 'old/gone.txt': 'mine\n' }),
    'an ignored file where a folder would come back': (scene) => writeFiles(targetOf(scene, 'here').path, { 'becomes/kept.log': 'mine\n' }),
    'a lock': (scene) => writeFileSync(join(targetOf(scene, 'here').path, '.git/index.lock'), ''),
    'a merge under way': (scene) => writeFileSync(join(targetOf(scene, 'here').path, '.git/MERGE_HEAD'), `${targetOf(scene, 'here').base}\n`),
    'a branch moved elsewhere': (scene) => {
      const { path, base } = targetOf(scene, 'nowhere')
      git(path, 'update-ref', 'refs/heads/main', git(path, 'commit-tree', '-p', base, '-m', 'mine', `${base}^{tree}`))
    },
  }
  test.each(Object.entries(obstacles))('refuses all with the reason and touches nothing when there is %s', async (_name, disturb) => {
    const scene = createScene()
    const repos = await land(scene)
    disturb(scene)
    const before = fingerprints(scene)
    const outcome = await scene.landing.undo(undoJournal(repos), scene.file)
    expect(outcome.state).toBe('done')
    expect(outcome.repos.flatMap(({ because }) => because ?? [])).toEqual([expect.stringMatching(/\w+/)])
    expect(outcome.repos.every(({ step }) => step === 'published')).toBe(true)
    expect(fingerprints(scene)).toEqual(before)
  })

  test('looks once more before it steps back: a commit made at the last moment stays', async () => {
    const scene = createScene({ failpoint: (name) => (name === 'landing.before_rollback:here' ? obstacles['a commit on top']?.(scene) : undefined) })
    const outcome = await scene.landing.undo(undoJournal(await land(scene)), scene.file)
    expect(outcome).toMatchObject({ state: 'done', repos: [{ step: 'published', because: expect.stringContaining('on top of') }, { step: 'published' }, { step: 'published' }] })
    expect(git(targetOf(scene, 'here').path, 'log', '-1', '--format=%s')).toBe('mine')
  })

  test('lands the first again when the next cannot be taken back', async () => {
    const scene = createScene({ failpoint: (name) => (name === 'landing.after_rollback:here' ? writeFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'src/one.txt'), 'mine\n') : undefined) })
    const repos = await land(scene)
    const outcome = await scene.landing.undo(undoJournal(repos), scene.file)
    expect(outcome).toMatchObject({ state: 'done', repos: [{ step: 'published' }, { step: 'published', because: expect.stringContaining('src/one.txt') }, { step: 'published' }] })
    for (const { source, to } of repos) expect(git(source, 'rev-parse', 'main')).toBe(to)
    expect(git(targetOf(scene, 'here').path, 'status', '--porcelain')).toBe('')
    expect(readFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'src/one.txt'), 'utf8')).toBe('mine\n')
  })
})

describe('recovering', () => {
  /** The journal of a landing killed while git wrote the first checkout, and that checkout half-written as git leaves it. */
  async function createHalf(failpoint?: Failpoint): Promise<{ readonly scene: Scene; readonly journal: LandingJournal; readonly place: string }> {
    const scene = createScene(failpoint === undefined ? {} : { failpoint })
    const place = targetOf(scene, 'here').path
    const prepared = await prepare(scene)
    const journal = journalOf(prepared.map((repo) => (repo.repo === 'here' ? { ...repo, step: 'publishing' as const, origHead: null } : repo)))
    git(place, 'update-ref', 'ORIG_HEAD', targetOf(scene, 'here').base)
    writeFiles(place, { 'src/one.txt': 'ON', 'turns/into-file': null, turns: null, becomes: null, link: null, 'src/new/deep.txt': 'deep\n' })
    writeFileSync(join(place, '.git/index.lock'), readFileSync(join(place, '.git/index')).subarray(0, 50))
    return { scene, journal, place }
  }

  async function expectLanded({ scene, journal }: { readonly scene: Scene; readonly journal: LandingJournal }, status = ''): Promise<void> {
    for (const { source, to, checkout } of journal.repos) {
      expect(git(source, 'rev-parse', 'main')).toBe(to)
      if (checkout !== null) expect(git(checkout, 'diff', '--cached', '--name-only')).toBe('')
    }
    expect(git(targetOf(scene, 'here').path, 'status', '--porcelain')).toBe(status)
  }

  test('finishes a checkout that git left half-written, and the repos after it', async () => {
    const half = await createHalf()
    writeFileSync(join(half.place, 'README.md'), 'edited after the crash\n')
    expect(await half.scene.landing.recover(half.journal, half.scene.file)).toMatchObject({ state: 'done', repos: [{ step: 'published' }, { step: 'published' }, { step: 'published' }] })
    await expectLanded(half, ' M README.md')
    expect(readFileSync(join(half.place, 'README.md'), 'utf8')).toBe('edited after the crash\n')
    expect(git(half.place, 'log', '-1', '--format=%gs', '--walk-reflogs', 'HEAD')).toMatch(/^signalbox: land /)
  })

  test('finishes a checkout in which git had emptied a folder and not yet removed it', async () => {
    const half = await createHalf()
    mkdirSync(join(half.place, 'turns/once-nested'), { recursive: true })
    expect(await half.scene.landing.recover(half.journal, half.scene.file)).toMatchObject({ state: 'done' })
    await expectLanded(half)
  })

  test('keeps a folder in which a human put a file since, although the change has a file in its place', async () => {
    const { scene, journal, place } = await createHalf()
    writeFiles(place, { 'turns/deep/mine.txt': 'mine\n' })
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'undone' })
    expect(readFileSync(join(place, 'turns/deep/mine.txt'), 'utf8')).toBe('mine\n')
  })

  test('may be called again for what is done, and does nothing', async () => {
    const half = await createHalf()
    await half.scene.landing.recover(half.journal, half.scene.file)
    const before = fingerprints(half.scene)
    expect(await half.scene.landing.recover(half.scene.written.at(-1) ?? fail('no journal'), half.scene.file)).toMatchObject({ state: 'done' })
    expect(fingerprints(half.scene)).toEqual(before)
  })

  test('takes a half-written checkout back when the next repo cannot be landed any more, ORIG_HEAD too', async () => {
    const before = contentOf(createScene())
    const { scene, journal, place } = await createHalf() // the same repositories, made again
    writeFiles(targetOf(scene, 'linked').checkout ?? '', { 'src/one.txt': 'mine\n' })
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'undone', repos: [{ step: 'rolled_back' }, { step: 'prepared' }, { step: 'prepared' }] })
    expect(git(place, 'status', '--porcelain')).toBe('')
    expect(existsSync(join(place, '.git/ORIG_HEAD'))).toBe(false)
    const { here, nowhere } = contentOf(scene)
    expect({ here, nowhere }).toEqual({ here: before['here'], nowhere: before['nowhere'] })
    expect(readFileSync(join(targetOf(scene, 'linked').checkout ?? '', 'src/one.txt'), 'utf8')).toBe('mine\n')
  })

  /** What a human may have done in a half-written checkout before recovery came; each must stop it, and be named. */
  const interventions: Readonly<Record<string, readonly [disturb: (place: string) => void, named: string]>> = {
    'edited a path of the change': [(place) => writeFileSync(join(place, 'src/one.txt'), 'mine\n'), 'src/one.txt'],
    'put a file where the change adds one': [(place) => writeFiles(place, { 'src/new/deep.txt': 'mine\n' }), 'src/new/deep.txt'],
    'switched to another branch': [(place) => writeFileSync(join(place, '.git/HEAD'), 'ref: refs/heads/other\n'), 'not on main any more'],
    'begun a merge': [(place) => writeFileSync(join(place, '.git/MERGE_HEAD'), `${git(place, 'rev-parse', 'HEAD')}\n`), 'merge under way'],
    'a lock of their own': [(place) => writeFileSync(join(place, '.git/index.lock'), 'not of git'), '.git/index.lock'],
    'staged something of their own': [
      (place) => {
        renameSync(join(place, '.git/index.lock'), join(place, '.git/kept.lock'))
        const blob = run(place, 'git', ['hash-object', '-w', '--stdin'], { input: 'mine\n' }).trim()
        git(place, 'update-index', '--cacheinfo', `100644,${blob},src/one.txt`)
        renameSync(join(place, '.git/kept.lock'), join(place, '.git/index.lock'))
      },
      'src/one.txt',
    ],
    committed: [
      (place) => {
        const commit = git(place, 'commit-tree', '-p', 'main', '-m', 'mine', 'main^{tree}')
        git(place, 'update-ref', 'refs/heads/main', commit)
      },
      'main of here moved',
    ],
  }
  test.each(Object.entries(interventions))('stops, writes nothing and names it when a human has %s', async (_name, [disturb, named]) => {
    const { scene, journal, place } = await createHalf()
    git(place, 'branch', 'other')
    disturb(place)
    const contents = (): unknown => Object.entries(fingerprint(place)).filter(([name]) => name !== '.git/index.lock')
    const before = contents()
    const outcome = await scene.landing.recover(journal, scene.file)
    expect(outcome).toMatchObject({ state: 'stuck', repos: [{ repo: 'here', step: 'stuck', because: expect.stringContaining(named) }, { step: 'prepared' }, { step: 'prepared' }] })
    expect(contents()).toEqual(before)
    for (const { path, base } of [targetOf(scene, 'linked'), targetOf(scene, 'nowhere')]) expect(git(path, 'rev-parse', 'main')).toBe(base)
  })

  test('names a file of its own that lies untracked under a commit of the human’s', async () => {
    const { scene, journal, place } = await createHalf()
    renameSync(join(place, '.git/index.lock'), join(place, '.git/index.lock.away'))
    git(place, 'checkout', '--quiet', '--force', 'HEAD', '--', '.')
    interventions['committed']?.[0](place)
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'stuck', repos: [{ because: expect.stringContaining('src/new/deep.txt') }, {}, {}] })
  })

  test('never follows a link that took the place of a folder', async () => {
    const { scene, journal, place } = await createHalf()
    const outside = join(stage, 'outside')
    writeFiles(stage, { 'outside/gone.txt': 'gone\n' })
    writeFiles(place, { old: { link: outside } })
    await scene.landing.recover(journal, scene.file)
    expect(readFileSync(join(outside, 'gone.txt'), 'utf8')).toBe('gone\n')
  })

  test('keeps a file that a human saves while recovery is writing', async () => {
    const edit: Failpoint = (name) => (name === 'landing.mended_path:here' ? writeFileSync(join(targetOf(scene, 'here').path, 'src/one.txt'), 'mine\n') : undefined)
    const { scene, journal, place } = await createHalf((name) => edit(name))
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'stuck', repos: [{ because: expect.stringContaining('src/one.txt') }, {}, {}] })
    expect(readFileSync(join(place, 'src/one.txt'), 'utf8')).toBe('mine\n')
  })

  test('goes on when the human has cleared what stopped it', async () => {
    const half = await createHalf()
    writeFileSync(join(half.place, 'src/one.txt'), 'mine\n')
    expect(await half.scene.landing.recover(half.journal, half.scene.file)).toMatchObject({ state: 'stuck' })
    git(half.place, 'checkout', '--quiet', '--', 'src/one.txt')
    expect(await half.scene.landing.recover(half.scene.written.at(-1) ?? half.journal, half.scene.file)).toMatchObject({ state: 'done' })
    await expectLanded(half)
  })

  test('leaves a commit of the human’s on top of a landed repo and lands the others', async () => {
    const scene = createScene()
    const prepared = await prepare(scene)
    await scene.landing.publish(journalOf(prepared), scene.file)
    const killed = scene.written[3] ?? fail('no journal')
    git(targetOf(scene, 'linked').checkout ?? '', 'reset', '--quiet', '--hard', targetOf(scene, 'linked').base)
    git(targetOf(scene, 'nowhere').path, 'update-ref', 'refs/heads/main', targetOf(scene, 'nowhere').base)
    writeFiles(targetOf(scene, 'here').path, { 'more.txt': 'mine\n' })
    const mine = commitAll(targetOf(scene, 'here').path, 'mine')
    expect(await scene.landing.recover(killed, scene.file)).toMatchObject({ state: 'done' })
    expect(git(targetOf(scene, 'here').path, 'rev-parse', 'main')).toBe(mine)
    expect(git(targetOf(scene, 'nowhere').path, 'rev-parse', 'main')).toBe(prepared[2]?.to)
  })

  test('finishes an undo that was killed in the middle of a checkout', async () => {
    const scene = createScene()
    const repos = await land(scene)
    const place = targetOf(scene, 'here').path
    writeFiles(place, { 'src/one.txt': 'o', 'becomes/folder.txt': null, becomes: null, turns: null })
    const journal = undoJournal(repos)
    const killed = { ...journal, repos: journal.repos.map((repo) => (repo.repo === 'here' ? { ...repo, checkout: place, step: 'rolling_back' as const } : repo)) }
    expect(await scene.landing.recover(killed, scene.file)).toMatchObject({ state: 'undone' })
    for (const { path, base } of Object.values(scene.targets)) expect(git(path, 'rev-parse', 'main')).toBe(base)
    expect(git(place, 'status', '--porcelain')).toBe('')
  })

  test('names a repository that is gone and touches no other', async () => {
    const { scene, journal, place } = await createHalf()
    renameSync(place, `${place}-away`)
    const outcome = await scene.landing.recover(journal, scene.file)
    expect(outcome).toMatchObject({ state: 'stuck', repos: [{ repo: 'here', step: 'stuck', because: expect.stringContaining('here') }, { step: 'prepared' }, { step: 'prepared' }] })
    renameSync(`${place}-away`, place)
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'done' })
  })

  test('waits for a git of the landing that outlived it', async () => {
    const marker = join(stage, 'survivor-ended')
    let waited: boolean | undefined
    const { scene, journal } = await createHalf((name) => void (name === 'landing.recovering' ? (waited = existsSync(marker)) : undefined))
    spawn('sh', ['-c', 'sleep 0.5; touch "$0"', marker], { env: { ...process.env, SIGNALBOX_LANDING: journal.tag } })
    expect(await scene.landing.recover(journal, scene.file)).toMatchObject({ state: 'done' })
    expect(waited).toBe(true)
  })
})
