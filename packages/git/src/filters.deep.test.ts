import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { branchNameSchema, oidSchema, repoNameSchema, runIdSchema, type LandingJournal, type LandingRepo, type Oid } from '@signalbox/core'
import { commitAll, createContentFilter, createRepo, createTempDir, git as raw, removeTempDirs, setFilter, type Files } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitEngine } from './git-engine.ts'
import { beginJournal } from './journal-file.ts'
import type { CapturedRepo } from './save-tree.ts'

afterAll(removeTempDirs)

const main = branchNameSchema.parse('main')
const run = runIdSchema.parse('R0001')
const big = (seed: string): Buffer => Buffer.from(`${seed}\n`.repeat(15_000))
const ATTRIBUTES = '*.big filter=lfs diff=lfs merge=lfs -text\n'

type Kind = 'process' | 'each' | 'Git LFS'

/** Git LFS itself is tried as well wherever it is installed; one program for each file, by all tests that say nothing else. */
const isInstalled = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'git-lfs')))
const kinds: readonly Kind[] = ['process', ...(isInstalled ? (['Git LFS'] as const) : [])]

/** A human's repository whose large files go through a program, and an engine beside it. */
async function createStage({ kind = 'each', files = {}, allow = true }: { readonly kind?: Kind; readonly files?: Files; readonly allow?: boolean } = {}) {
  const path = createRepo({ 'a.txt': 'a\n' })
  const filter = createContentFilter(createTempDir('filter'))
  if (kind === 'Git LFS') for (const key of ['clean', 'smudge']) raw(path, 'config', `filter.lfs.${key}`, `git-lfs ${key} -- %f`)
  if (kind === 'Git LFS') raw(path, 'config', 'filter.lfs.process', 'git-lfs filter-process')
  else setFilter(path, filter.program, kind)
  const base = write(path, { '.gitattributes': ATTRIBUTES, 'old.big': big('old'), ...files })
  const stateDir = createTempDir('state')
  const engine = createGitEngine({ stateDir })
  const source = { repo: repoNameSchema.parse('api'), path }
  const allowNow = async (): Promise<void> => engine.sources.allowFilters(source, (await engine.sources.inspect(path, [{ name: 'lfs' }])).filters)
  if (allow) await allowNow()
  const checkout = { run, source, path: join(createTempDir('workspace'), 'api'), isolation: 'private' as const }
  const journal = (repos: readonly LandingRepo[], of: LandingJournal['kind'] = 'merge'): LandingJournal => beginJournal(of, run, repos)
  return {
    path, filter, base, engine, source, checkout, allowNow,
    work: checkout.path,
    runGit: join(stateDir, 'runs', run, 'git', 'api.git'),
    vault: join(stateDir, 'vaults', 'api.git'),
    create: () => engine.workspaces.create(checkout, base, main),
    capture: (number = 1): Promise<CapturedRepo> => engine.snapshots.capture(checkout, base, number),
    runs: (): readonly string[] => (existsSync(filter.log) ? readFileSync(filter.log, 'utf8').trimEnd().split('\n') : []),
    forgetRuns: (): void => rmSync(filter.log, { force: true }),
    prepare: (saved: CapturedRepo, onto: Oid = base) => engine.landing.prepare(run, [{ source, branch: main, base: onto, snapshotCommit: saved.commit, tree: saved.tree }], { message: 'land', strategy: 'squash' }),
    publish: (repos: readonly LandingRepo[]) => engine.landing.publish(journal(repos), { write: async () => {} }),
    undo: (repos: readonly LandingRepo[]) => engine.landing.undo(journal(repos, 'undo'), { write: async () => {} }),
  }
}

/** Writes files into the human's repository as they would, and commits them. */
function write(path: string, files: Files): Oid {
  put(path, files)
  return oidSchema.parse(commitAll(path, 'change'))
}

function put(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content as string | Buffer)
  }
}

/** A second checkout of the human, where the same is done by hand. */
function addByHand(path: string, base: Oid, files: Files): string {
  const hand = join(createTempDir('hand'), 'checkout')
  raw(path, 'worktree', 'add', '--quiet', '--detach', hand, base)
  put(hand, files)
  raw(hand, 'add', '--all')
  return raw(hand, 'write-tree')
}

const idOf = (content: Files[string]): string => createHash('sha256').update(content as string | Buffer).digest('hex')
const pathOf = (content: Files[string]): string => join(idOf(content).slice(0, 2), idOf(content).slice(2, 4), idOf(content))
const placeOf = (gitDir: string, content: Buffer): string => join(gitDir, 'lfs/objects', pathOf(content))
const contentOf = (folder: string): readonly string[] => (existsSync(join(folder, 'lfs/objects')) ? readdirSync(join(folder, 'lfs/objects'), { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name)).toSorted() : [])

describe('a filter program that was allowed', () => {
  const edits: Files = { 'old.big': big('edited'), 'a.txt': 'b\n', 'deep/ -odd "\n.big': big('odd') }

  test.each(kinds)('%s: from workspace to landing and back, all is as plain git with the same program has it', async (kind) => {
    const stage = await createStage({ kind })
    const { path, work, base, vault } = stage
    await stage.create()
    expect(readFileSync(join(work, 'old.big'), 'utf8')).toBe(big('old').toString())
    expect(raw(work, 'status', '--porcelain')).toBe('')

    put(work, edits)
    const saved = await stage.capture()
    expect(saved).toMatchObject({ missing: [], tree: addByHand(path, base, edits) })
    stage.forgetRuns()
    expect(await stage.engine.snapshots.changedSince(stage.checkout, saved)).toEqual([])
    expect(stage.runs()).toEqual([])
    // Saved means saved: from here on only the vault has it.
    rmSync(work, { recursive: true })
    for (const name of contentOf(vault)) if (!name.endsWith(idOf(big('old')))) rmSync(join(path, '.git/lfs/objects', name))

    const checks = join(createTempDir('checks'), 'api')
    await stage.engine.workspaces.resetCheckFolder(stage.source, checks, saved.commit)
    for (const [name, content] of Object.entries(edits)) expect(idOf(readFileSync(join(checks, name)))).toBe(idOf(content))
    expect(raw(checks, 'status', '--porcelain')).toBe('')

    const repos = await stage.prepare(saved)
    expect(contentOf(join(path, '.git'))).toEqual(Object.entries({ ...edits, 'other.big': big('old') }).flatMap(([name, content]) => (name.endsWith('.big') ? [pathOf(content)] : [])).toSorted())
    const published = await stage.publish(repos)
    expect(published).toMatchObject({ state: 'done' })
    for (const [name, content] of Object.entries(edits)) expect(idOf(readFileSync(join(path, name)))).toBe(idOf(content))
    expect([raw(path, 'rev-parse', 'HEAD^{tree}'), raw(path, 'status', '--porcelain')]).toEqual([saved.tree, ''])
    expect(await stage.undo(published.repos)).toMatchObject({ state: 'undone' })
    expect([raw(path, 'rev-parse', 'HEAD'), raw(path, 'status', '--porcelain'), readFileSync(join(path, 'old.big'), 'utf8')]).toEqual([base, '', big('old').toString()])
  })

  test.each(kinds)('%s: starts no program that would bring content which is not here: its pointer lands', async (kind) => {
    const stage = await createStage({ kind, files: { 'lost.big': big('lost') } })
    const { path, work } = stage
    raw(path, 'config', 'lfs.customtransfer.far.path', stage.filter.program)
    for (const key of ['lfs.standalonetransferagent', 'lfs.file:///dev/null.standalonetransferagent']) raw(path, 'config', key, 'far')
    await stage.allowNow()
    const pointer = raw(path, 'show', 'HEAD:lost.big')
    put(path, { 'lost.big': `${pointer}\n` })
    raw(path, 'add', 'lost.big')
    rmSync(placeOf(join(path, '.git'), big('lost')))
    await stage.create()
    put(work, { 'copy.big': `${pointer}\n` })
    const saved = await stage.capture()
    expect(saved.missing).toEqual([])
    expect(await stage.publish(await stage.prepare(saved))).toMatchObject({ state: 'done' })
    expect(readFileSync(join(path, 'copy.big'), 'utf8')).toBe(`${pointer}\n`)
    expect(stage.runs().filter((line) => line.startsWith('undefined'))).toEqual([])
  })

  test('is what a round that was computed goes through, written to a folder or begun with: where its author never was, no pointer lies in place of content', async () => {
    const { engine, source, path, work, base, checkout, create, capture } = await createStage()
    await create()
    put(work, { 'new.big': big('new') })
    const saved = await capture()
    const moved = write(path, { 'n.txt': 'n\n' })
    const refreshed = await engine.snapshots.refresh(source, run, 2, { ...saved, base }, moved)
    if (refreshed.kind === 'conflict') throw new Error('nothing was computed')
    const { commit, tree } = refreshed.captured
    const files = { commit, isComputed: true }
    const next = { ...checkout, run: runIdSchema.parse('R0002'), path: join(createTempDir('workspace'), 'api') }
    const folder = join(createTempDir('restored'), 'api')
    await engine.snapshots.writeFiles(source, files, folder)
    await engine.workspaces.createWith(files, next, moved, main)
    for (const place of [folder, next.path]) {
      expect(['new.big', 'old.big', 'n.txt'].map((name) => idOf(readFileSync(join(place, name))))).toEqual([big('new'), big('old'), Buffer.from('n\n')].map(idOf))
    }
    expect(raw(next.path, 'status', '--porcelain')).toBe('A  new.big')
    expect(await engine.snapshots.capture(next, moved, 1)).toMatchObject({ tree, missing: [] })
  })

  test('is started away from the files, and only for those that go through it', async () => {
    const stage = await createStage()
    await stage.create()
    stage.forgetRuns()
    put(stage.work, { 'a.txt': 'b\n' })
    await stage.capture()
    expect(stage.runs()).toEqual([])
    put(stage.work, { 'new.big': big('new') })
    await stage.capture(2)
    expect(stage.runs()).toEqual(['clean in /'])
  })

  test('fails: what it should have stored is named, the bytes are kept, and no later look calls other bytes unchanged', async () => {
    const stage = await createStage()
    await stage.create()
    put(stage.work, { 'old.big': big('edited'), 'a.txt': 'b\n' })
    writeFileSync(stage.filter.broken, 'clean')
    const broken = await stage.capture()
    expect(broken.missing).toEqual([{ path: 'old.big', reason: 'filter_failed' }])
    expect(execFileSync('git', ['--git-dir', stage.vault, 'show', `${broken.exactTree}:old.big`], { maxBuffer: 1e9 })).toEqual(big('edited'))
    expect(raw(stage.vault, '--git-dir', stage.vault, 'show', `${broken.tree}:a.txt`)).toBe('b')
    expect(await stage.engine.snapshots.changedSince(stage.checkout, broken)).toEqual([])
    put(stage.work, { 'old.big': big('again') })
    await expect(stage.engine.snapshots.changedSince(stage.checkout, broken)).rejects.toMatchObject({ code: 'git.command_failed', message: expect.stringContaining('old.big') })
    rmSync(stage.filter.broken)
    expect((await stage.capture(2)).missing).toEqual([])
  })

  test('fails at a landing: the checkout is as it was', async () => {
    const stage = await createStage()
    await stage.create()
    put(stage.work, { 'new.big': big('new') })
    const repos = await stage.prepare(await stage.capture())
    writeFileSync(stage.filter.broken, 'smudge')
    const outcome = await stage.publish(repos)
    expect(outcome).toMatchObject({ state: 'undone', repos: [{ because: expect.stringContaining('new.big') }] })
    expect([raw(stage.path, 'rev-parse', 'HEAD'), existsSync(join(stage.path, 'new.big'))]).toEqual([stage.base, false])
  })

  test('with content that is nowhere any more, nothing lands and no pointer is left without it', async () => {
    const stage = await createStage()
    await stage.create()
    put(stage.work, { 'new.big': big('new') })
    const saved = await stage.capture()
    const refusal = { code: 'merge.stopped', message: expect.stringContaining('new.big') }
    writeFileSync(placeOf(stage.vault, big('new')), big('odd')) // as many bytes, and not those
    await expect(stage.prepare(saved)).rejects.toMatchObject(refusal)
    rmSync(join(stage.vault, 'lfs'), { recursive: true })
    await expect(stage.prepare(saved)).rejects.toMatchObject(refusal)
    expect(contentOf(join(stage.path, '.git'))).toEqual([pathOf(big('old'))])
  })

  test.each(kinds)('%s: a change that conflicts is merged into its workspace with its content, and its program is started away from there', async (kind) => {
    const { path, work, base, engine, checkout, create, capture, ...stage } = await createStage({ kind })
    await create()
    put(work, { 'a.txt': 'mine\n', 'new.big': big('new') })
    const { commit } = await capture()
    const onto = write(path, { 'a.txt': 'theirs\n', 'theirs.big': big('theirs') })
    stage.forgetRuns()
    expect(await engine.workspaces.merge({ checkout, base: onto, baseBranch: main, of: { base, commit }, labels: { base: 'main', of: 's1' } })).toMatchObject([{ path: 'a.txt' }])
    expect(stage.runs().filter((line) => line !== '' && !line.endsWith(' in /'))).toEqual([])
    for (const name of ['old', 'new', 'theirs']) expect(idOf(readFileSync(join(work, `${name}.big`)))).toBe(idOf(big(name)))
    // Whoever settles it may take either side of it again.
    rmSync(join(work, 'new.big'))
    raw(work, 'checkout', '--', 'new.big')
    expect(idOf(readFileSync(join(work, 'new.big')))).toBe(idOf(big('new')))
    put(work, { 'a.txt': 'both\n' })
    expect(await engine.snapshots.capture(checkout, onto, 2)).toMatchObject({ files: 2, missing: [] })
  })

  test('a pointer whose content nobody has is named; one with content in the run, or as the base has it, is none', async () => {
    const pointer = (content: Buffer | string): string => execFileSync('git', ['hash-object', '-w', '--stdin', '--path=x.big'], { cwd: stage.path, input: content, encoding: 'utf8' }).trim()
    const stage = await createStage()
    await stage.create()
    const show = (oid: string): Buffer => execFileSync('git', ['cat-file', 'blob', oid], { cwd: stage.path })
    const [kept, gone, old] = [show(pointer(big('kept'))), show(pointer(big('gone'))), show(raw(stage.path, 'rev-parse', 'HEAD:old.big'))]
    rmSync(placeOf(join(stage.path, '.git'), big('gone')))
    mkdirSync(dirname(placeOf(stage.runGit, big('kept'))), { recursive: true })
    renameSync(placeOf(join(stage.path, '.git'), big('kept')), placeOf(stage.runGit, big('kept')))
    // Nobody ever writes into a pipe an agent laid there.
    const pipe = placeOf(stage.runGit, big('gone'))
    mkdirSync(dirname(pipe), { recursive: true })
    execFileSync('mkfifo', [pipe])
    put(stage.work, { 'kept.big': kept, 'gone.big': gone, 'copy.big': old })
    expect((await stage.capture()).missing).toEqual([{ path: 'gone.big', reason: 'content_missing' }])
  })
})

describe('a filter program that was not allowed as it is', () => {
  const changes: readonly (readonly [string, (stage: Awaited<ReturnType<typeof createStage>>) => void])[] = [
    ['its bytes are others', ({ filter }) => appendFileSync(filter.program, '\n')],
    ['its command is another', ({ path, filter }) => raw(path, 'config', 'filter.lfs.clean', `${filter.program} clean -- --quick %f`)],
    ['it became required', ({ path }) => raw(path, 'config', 'filter.lfs.required', 'true')],
    ['Git LFS has a program to bring content', ({ path, filter }) => raw(path, 'config', 'lfs.customtransfer.far.path', filter.program)],
    ['and starts that one', ({ path }) => raw(path, 'config', 'lfs.standalonetransferagent', 'far')],
    ['for one address', ({ path }) => raw(path, 'config', 'lfs.file:///dev/null.standalonetransferagent', 'far')],
    ['Git LFS has an extension', ({ path, filter }) => raw(path, 'config', 'lfs.extension.more.clean', filter.program)],
  ]

  test('whatever of it changed: refused with what it is now, until it is allowed again', async () => {
    const stage = await createStage()
    const refusal = { code: 'repo.filter_not_allowed', message: expect.stringContaining('no more what was allowed'), hint: expect.stringContaining('--allow-filter lfs=') }
    stage.forgetRuns()
    for (const [name, change] of changes) {
      change(stage)
      utimesSync(join(stage.path, 'old.big'), 1, 1) // whoever looks has to read it
      await stage.engine.sources.observe(stage.source)
      await expect(stage.engine.sources.inspect(stage.path), name).rejects.toMatchObject(refusal)
      await expect(stage.create(), name).rejects.toMatchObject(refusal)
      expect(stage.runs(), name).toEqual([])
      await stage.allowNow()
    }
    raw(stage.path, 'config', '--remove-section', 'lfs.extension.more')
    await stage.allowNow()
    await stage.create()
    expect(readFileSync(join(stage.work, 'old.big'))).toEqual(big('old'))
  })

  test('in the middle of a run: it does not run, the bytes are kept and the round is incomplete; allowed again, all is there', async () => {
    const stage = await createStage()
    await stage.create()
    put(stage.work, { 'new.big': big('new') })
    appendFileSync(stage.filter.program, '\n')
    stage.forgetRuns()
    const saved = await stage.capture()
    expect(saved.missing).toEqual([{ path: 'new.big', reason: 'filter_failed' }])
    await expect(stage.engine.snapshots.changedSince(stage.checkout, saved)).rejects.toMatchObject({ code: 'repo.filter_not_allowed' })
    expect(stage.runs()).toEqual([])
    await stage.allowNow()
    expect((await stage.capture(2)).missing).toEqual([])
  })

  test.each([
    ['of the repository', (path: string, program: string) => setFilter(path, program, 'process')],
    ['of its human', (_path: string, program: string) => setFilterOfHuman(program)],
  ])('set up, in the settings %s, after the source was registered: no look and no landing runs it', async (_whose, setUp) => {
    const { path, engine, source, base, filter, runs, prepare, publish, ...stage } = await createStage({ allow: false, files: { '.gitattributes': '# none yet\n' } })
    raw(path, 'config', '--remove-section', 'filter.lfs')
    await stage.create()
    put(stage.work, { 'a.txt': 'b\n', 'new.big': 'new' })
    const saved = await stage.capture()
    const repos = await prepare(saved)
    setUp(path, filter.program)
    writeFileSync(join(path, '.git/info/attributes'), ATTRIBUTES)
    utimesSync(join(path, 'old.big'), 1, 1) // whoever looks has to read it
    stage.forgetRuns()
    try {
      await engine.sources.observe(source)
      await expect(engine.sources.readTarget(source, main, { base, commit: saved.commit })).rejects.toMatchObject({ code: 'repo.filter_not_allowed', message: expect.stringContaining('info/attributes:1') })
      expect(await publish(repos)).toMatchObject({ state: 'undone', repos: [{ step: 'refused', because: expect.stringContaining('--allow-filter lfs=') }] })
      await engine.sources.blameLine([source], join(path, 'old.big'), 1)
      expect(runs()).toEqual([])
      expect([raw(path, 'rev-parse', 'HEAD'), readFileSync(join(path, 'a.txt'), 'utf8')]).toEqual([base, 'a\n'])
    } finally {
      rmSync(humanFile(), { force: true })
    }
  })

  const unclear: readonly (readonly [string, RegExp])[] = [
    ['sh -c "cat"; true', /more than one program/],
    ['content=1 cat', /more than one program/],
    ['git stripspace', /name that one itself/],
    ['/usr/bin/git stripspace', /name that one itself/],
    ['env cat', /name that one itself/],
    ['sh -ec cat', /name that one itself/],
    ['cat "%f"', /name of a file could be a command/],
    ["cat '%f'", /name of a file could be a command/],
    ['no-such-program-here', /no program/],
    ['./tools/filter', /lies in the repository/],
    ['cat a.txt', /takes a\.txt out of the repository/],
    ['sed -fa.txt', /takes a\.txt out of the repository/],
    ['sed --file=a.txt', /takes a\.txt out of the repository/],
    ['cat tools/filter', /takes tools\/filter out of the repository/],
  ]

  test('a command line of which nobody can tell which program it starts, or that starts one of the repository, cannot be allowed', async () => {
    const path = createRepo({ 'a.txt': 'a\n', '.gitattributes': ATTRIBUTES })
    const { sources } = createGitEngine({ stateDir: createTempDir('state') })
    chmodSync(join(path, 'a.txt'), 0o755)
    const linked = join(createTempDir('bin'), 'linked')
    symlinkSync(join(path, 'a.txt'), linked)
    for (const [command, why] of [...unclear, [join(path, 'a.txt'), /takes .* out of the repository/], [`cat ${join(path, 'a.txt')}`, /takes .* out of the repository/], [linked, /takes .* out of the repository/]] as const) {
      raw(path, 'config', 'filter.lfs.clean', command)
      await expect(sources.inspect(path, [{ name: 'lfs' }]), command).rejects.toMatchObject({ code: 'repo.filter_not_allowed', hint: expect.stringMatching(why) })
    }
  })

  test('with a name that nobody can give: it does not run either', async () => {
    const { path, engine, source, runs, forgetRuns } = await createStage({ allow: false, files: { '.gitattributes': '*.big filter=\n' } })
    raw(path, 'config', '--rename-section', 'filter.lfs', 'filter.')
    forgetRuns()
    utimesSync(join(path, 'old.big'), 1, 1) // whoever looks has to read it
    await engine.sources.observe(source)
    await expect(engine.sources.inspect(path)).rejects.toMatchObject({ code: 'repo.filter_not_allowed', hint: expect.stringContaining('It cannot be allowed: its name') })
    expect(runs()).toEqual([])
  })

  test('a digest allows what has it, and nothing else; a name without a program allows nothing', async () => {
    const { engine, path } = await createStage()
    const [known] = (await engine.sources.inspect(path)).filters
    const digest = known?.digest ?? ''
    expect((await engine.sources.inspect(path, [{ name: 'lfs', digest: digest.slice(0, 12) }])).filters).toEqual([{ name: 'lfs', digest }])
    await expect(engine.sources.inspect(path, [{ name: 'lfs', digest: '0'.repeat(12) }])).rejects.toMatchObject({ code: 'repo.filter_not_allowed' })
    await expect(engine.sources.inspect(path, [{ name: 'other' }])).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(engine.sources.inspect(path, [])).rejects.toMatchObject({ code: 'repo.filter_not_allowed' })
  })
})

function humanFile(): string {
  return join(process.env['XDG_CONFIG_HOME'] ?? '', 'git', 'config')
}

function setFilterOfHuman(program: string): void {
  mkdirSync(dirname(humanFile()), { recursive: true })
  for (const key of ['clean', 'smudge']) execFileSync('git', ['config', '--file', humanFile(), `filter.lfs.${key}`, `${program} ${key} -- %f`])
}
