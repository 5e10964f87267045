import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint, git, run } from '@signalbox/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeBadSources, makeOldGit } from './harness/bad-sources.ts'
import { failureForm } from './harness/contract.ts'
import { addRepo, createWorld, newTask, runScript, type World } from './harness/world.ts'

/** One mistake somebody makes: what they type, and the exit, code and words they must get. */
interface Mistake {
  readonly what: string
  readonly args: (bad: Readonly<Record<string, string>>, world: World) => readonly string[]
  readonly exit: number
  readonly code: string
  readonly words: RegExp
  readonly env?: (world: World) => Readonly<Record<string, string>>
}

const of = (what: string, args: readonly string[], exit: number, code: string, words: RegExp): Mistake => ({ what, args: () => args, exit, code, words })
const adding = (name: string, exit: number, code: string, words: RegExp): Mistake => ({ what: `repo add of ${JSON.stringify(name)}`, args: (bad) => ['repo', 'add', bad[name] ?? name, '--name', 'bad'], exit, code, words })

const unknown: readonly Mistake[] = [
  of('an unknown command', ['frobnicate'], 2, 'input.invalid', /frobnicate/),
  of('an unknown option', ['runs', '--frob'], 2, 'input.invalid', /--frob/),
  of('a missing argument', ['merge'], 2, 'input.invalid', /run/),
  of('a task that is not there', ['task', 'show', 'T0999'], 3, 'task.not_found', /T0999/),
  of('an effort that is not there', ['effort', 'show', 'E999'], 3, 'effort.not_found', /E999/),
  of('a decision that is not there', ['decision', 'show', 'D0999'], 3, 'decision.not_found', /D0999/),
  of('a note that is not there', ['note', 'show', 'N0999'], 3, 'note.not_found', /N0999/),
  of('a handoff that is not there', ['handoff', 'show', 'H0999'], 3, 'handoff.not_found', /H0999/),
  ...['show', 'log', 'cancel', 'diff', 'seal', 'check', 'gate', 'approve', 'merge', 'refresh', 'reject', 'undo'].map((verb) => of(`${verb} of a run that is not there`, [verb, 'R0999'], 3, 'run.not_found', /R0999/)),
  of('context of a task that is not there', ['context', 'T0999'], 3, 'task.not_found', /T0999/),
  of('a run of a task that is not there', ['run', 'T0999', '--agent', 'demo'], 3, 'task.not_found', /T0999/),
  of('an id of the wrong kind', ['show', 'T0001'], 2, 'input.invalid', /T0001/),
  of('an id that is none of an effort', ['effort', 'show', 'x'], 2, 'input.invalid', /^"x" is not the id of an effort; one looks like E001$/),
  of('an id that climbs out', ['note', 'show', '../../etc/passwd'], 2, 'input.invalid', /etc/),
  of('a snapshot that is not there', ['diff', 'R0001.s9'], 3, 'snapshot.not_found', /R0001\.s9/),
  of('a repo that the run does not have', ['diff', 'R0001', '--repo', 'nope'], 3, 'repo.not_found', /nope/),
  of('approval of a snapshot that is not there', ['approve', 'R0001', '--snapshot', 's9'], 3, 'snapshot.not_found', /s9/),
  of('removal of a repo that is not there', ['repo', 'remove', 'nope'], 3, 'repo.not_found', /nope/),
  of('an agent nobody knows', ['run', 'T0001', '--agent', 'gpt'], 3, 'agent.not_found', /gpt/),
]

const wrong: readonly Mistake[] = [
  of('an empty title', ['task', 'new', '   ', '--repo', 'api'], 2, 'input.invalid', /title/),
  of('a title of two lines', ['task', 'new', 'one\ntwo', '--repo', 'api'], 2, 'input.invalid', /one line/),
  of('a title without end', ['task', 'new', 'x'.repeat(5_000), '--repo', 'api'], 2, 'input.invalid', /^title: must have at most 300 characters$/),
  of('a task in a repo nobody registered', ['task', 'new', 'x', '--repo', 'nope'], 3, 'repo.not_found', /nope/),
  of('a repo that is an option', ['task', 'new', 'x', '--repo=--upload-pack=x'], 2, 'input.invalid', /repo/),
  of('a branch that is an option', ['task', 'new', 'x', '--repo', 'api', '--base-branch=--force'], 2, 'input.invalid', /branch/i),
  of('a task of an effort that is not there', ['task', 'new', 'x', '--effort', 'E099'], 3, 'effort.not_found', /E099/),
  of('a status that is none', ['task', 'edit', 'T0001', '--status', 'maybe'], 2, 'input.invalid', /maybe/),
  of('a start on the targets of nothing', ['run', 'T0001', '--agent', 'demo', '--onto-target'], 2, 'input.invalid', /^Say which snapshot is merged/),
  of('a line that is not there', ['comment', 'R0001', '--at', 'api:src/app.js:99', 'x'], 3, 'line.not_found', /app\.js in api has 1 line, and none with the number 99$/),
  of('an empty comment', ['comment', 'R0001', '--reply', 'F1'], 2, 'input.invalid', /^Say something$/),
  of('a budget of nothing', ['context', 'T0001', '--budget', '0'], 2, 'input.invalid', /budget/i),
  of('shell without a command', ['run', 'T0001', '--agent', 'shell'], 2, 'input.invalid', /command/),
  of('isolation that does not exist', ['run', 'T0001', '--agent', 'demo', '--isolation', 'none'], 2, 'input.invalid', /none/),
  of('a strategy that does not exist', ['merge', 'R0001', '--strategy', 'rebase'], 2, 'input.invalid', /rebase/),
  of('a search for nothing', ['search', ' '], 2, 'input.invalid', /search|query/i),
  of('a run of a task without repos', ['run', 'T0002', '--agent', 'demo'], 4, 'task.no_repos', /T0002/),
  of('a run of a task that is done', ['run', 'T0003', '--agent', 'demo'], 4, 'task.closed', /T0003/),
  of('a run on a branch that is not there', ['run', 'T0004', '--agent', 'demo'], 2, 'repo.branch_missing', /nowhere/),
  of('undo of what never landed', ['undo', 'R0001'], 4, 'run.not_merged', /R0001/),
  of('refresh of what did not move', ['refresh', 'R0001'], 4, 'refresh.not_needed', /R0001/),
  of('cancel of a run that has ended', ['cancel', 'R0001'], 4, 'run.not_active', /R0001/),
  of('removal of a repo that open tasks need', ['repo', 'remove', 'api'], 4, 'repo.in_use', /T0001/),
]

const sources: readonly Mistake[] = [
  adding('folder', 2, 'repo.not_a_repository', /folder/),
  adding('file', 2, 'repo.not_a_repository', /file/),
  adding('/no/such/folder', 2, 'repo.not_a_repository', /no\/such/),
  adding('bare', 2, 'repo.bare', /bare/),
  adding('unborn', 2, 'repo.unborn', /commit/),
  adding('shallow', 2, 'repo.shallow', /shallow/),
  adding('partial', 2, 'repo.promisor', /partial/),
  adding('lfs', 2, 'repo.filter_not_allowed', /LFS.*\.gitattributes/),
  adding('filter', 2, 'repo.filter_not_allowed', /sub\/\.gitattributes/),
  { what: 'a repo name with capitals', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name', 'API'], exit: 2, code: 'input.invalid', words: /name/ },
  { what: 'a repo name of two lines', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name', 'a\nb'], exit: 2, code: 'input.invalid', words: /name/ },
  { what: 'a repo name that is an option', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name=-x'], exit: 2, code: 'input.invalid', words: /name/ },
  { what: 'a second name for one repository', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name', 'twin'], exit: 2, code: 'repo.name_taken', words: /api/ },
  adding('twin', 2, 'repo.name_taken', /worktree of the repository that is registered as api/),
  adding('lost', 2, 'input.invalid', /apart\.git, which is no checkout of it/),
  { what: 'a base branch that is not there', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name', 'api', '--base-branch', 'nowhere'], exit: 2, code: 'repo.branch_missing', words: /nowhere/ },
  { what: 'init of no folder', args: () => ['init', ''], exit: 2, code: 'input.invalid', words: /No folder is named/ },
  { what: 'init on a file', args: (bad) => ['init', bad['file'] ?? ''], exit: 2, code: 'input.invalid', words: /file/ },
  { what: 'init inside a repository', args: (_, world) => ['init', join(world.dir, 'api', 'memory')], exit: 2, code: 'input.invalid', words: /inside/ },
  { what: 'init of a source repository', args: (_, world) => ['init', join(world.dir, 'api')], exit: 2, code: 'input.invalid', words: /source/ },
]

const surroundings: readonly Mistake[] = [
  { what: 'no memory repo anywhere', args: () => ['runs'], env: (world) => ({ SIGNALBOX_MEMORY: '', SIGNALBOX_STATE: join(world.dir, 'none') }), exit: 3, code: 'memory.not_found', words: /memory/ },
  { what: 'a memory repo that is not there', args: () => ['runs', '--memory', '/no/such/memory'], exit: 3, code: 'memory.not_found', words: /no\/such/ },
  { what: 'no git at all', args: () => ['merge', 'R0001'], env: (world) => ({ PATH: join(world.dir, 'bad', 'folder') }), exit: 4, code: 'gate.blocked', words: /git/ },
  { what: 'no git to add a repo with', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name', 'api'], env: (world) => ({ PATH: join(world.dir, 'bad', 'folder') }), exit: 5, code: 'git.not_found', words: /git/ },
  { what: 'init with a git that is too old', args: (_, world) => ['init', join(world.dir, 'early')], env: (world) => ({ PATH: makeOldGit(world, '2.30.2') }), exit: 5, code: 'git.too_old', words: /2\.30\.2/ },
  { what: 'init without git', args: (_, world) => ['init', join(world.dir, 'early')], env: (world) => ({ PATH: join(world.dir, 'bad', 'folder') }), exit: 5, code: 'git.not_found', words: /git/ },
  { what: 'a git that is too old', args: (_, world) => ['repo', 'add', join(world.dir, 'api'), '--name', 'api'], env: (world) => ({ PATH: makeOldGit(world, '2.30.2') }), exit: 5, code: 'git.too_old', words: /2\.30\.2/ },
  { what: 'a state folder that cannot be made', args: () => ['runs'], env: (world) => ({ SIGNALBOX_STATE: join(world.dir, 'bad', 'file', 'state') }), exit: 5, code: 'disk.unwritable', words: /file/ },
  { what: 'a relative state folder', args: () => ['runs'], env: () => ({ SIGNALBOX_STATE: 'here' }), exit: 2, code: 'input.invalid', words: /SIGNALBOX_STATE/ },
]

describe('a mistake gets a code, a sentence and a next action, and loses nothing', () => {
  let world: World
  let bad: Readonly<Record<string, string>>
  let before: readonly unknown[]
  const everything = (): readonly unknown[] => [fingerprint(world.memory), fingerprint(join(world.dir, 'api'))]

  beforeAll(async () => {
    world = await createWorld()
    world.source('api', { 'README.md': '# api\n', 'src/app.js': 'code\n' })
    bad = makeBadSources(world)
    await addRepo(world, 'api', join(world.dir, 'api'))
    await newTask(world, 'Change the readme', '--repo', 'api')
    await newTask(world, 'Nowhere to work')
    await newTask(world, 'Long done', '--repo', 'api')
    await world.call(['task', 'edit', 'T0003', '--status', 'done'])
    await newTask(world, 'On a lost branch', '--repo', 'api', '--base-branch', 'nowhere')
    await runScript(world, 'T0001', 'echo more >> README.md')
    before = everything()
  })
  afterAll(() => world.close())

  it.concurrent.each([...unknown, ...wrong, ...sources, ...surroundings].map((mistake) => [mistake.what, mistake] as const))('%s', async (_, { args, exit, code, words, env }) => {
    const call = args(bad, world)
    const separator = call.indexOf('--')
    const outcome = await world.call(separator < 0 ? [...call, '--json'] : [...call.slice(0, separator), '--json', ...call.slice(separator)], env === undefined ? {} : { env: env(world) })
    expect([outcome.exit, outcome.stdout]).toEqual([exit, expect.stringContaining(`"${code}"`)])
    const { error } = failureForm.parse(JSON.parse(outcome.stdout))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(words)
    expect(typeof error.hint).toBe('string')
  })

  it('after all of them: memory and source as before, byte for byte', () => {
    expect(everything()).toEqual(before)
  })
})

describe('a damaged memory repo', () => {
  let world: World
  const path = (name: string): string => join(world.memory, name)
  const conflict = '<<<<<<< ours\ntitle: a\n=======\ntitle: b\n>>>>>>> theirs\n'

  beforeAll(async () => {
    world = await createWorld()
    world.source('api', { 'README.md': '# api\n' })
    await addRepo(world, 'api', join(world.dir, 'api'))
    await newTask(world, 'Good', '--repo', 'api')
    await runScript(world, 'T0001', 'echo more >> README.md')
    writeFileSync(path('tasks/T0002-conflict.md'), `---\nid: T0002\n${conflict}status: ready\n---\n`)
    writeFileSync(path('tasks/T0003-yaml.md'), '---\nid: T0003\ntitle: [open\nstatus: ready\n---\n')
    writeFileSync(path('tasks/T0004-a.md'), '---\nid: T0004\ntitle: a\nstatus: ready\n---\n')
    writeFileSync(path('tasks/T0004-b.md'), '---\nid: T0004\ntitle: b\nstatus: ready\n---\n')
    writeFileSync(path('tasks/T0005-type.md'), '---\nid: T0005\ntitle: a\nstatus: someday\n---\n')
  })
  afterAll(() => world.close())

  it.each([
    ['conflict markers', 'T0002', /conflict/i],
    ['broken YAML', 'T0003', /T0003/],
    ['two files with one id', 'T0004', /T0004/],
    ['a value that is none', 'T0005', /status/],
  ])('%s: the record is refused by name, and left as it is', async (_, id, words) => {
    const files = run(world.memory, 'sh', ['-c', `cat tasks/${id}*`])
    for (const args of [['task', 'show', id], ['task', 'edit', id, '--title', 'x'], ['run', id, '--agent', 'demo']]) {
      const { error } = await world.refused(...args)
      expect(error.code).toBe('record.quarantined')
      expect(error.message).toMatch(words)
    }
    expect(run(world.memory, 'sh', ['-c', `cat tasks/${id}*`])).toBe(files)
  })

  it('lists the good record and names each bad one', async () => {
    const { stdout, exit } = await world.call(['task', 'list', '--json'])
    const value: unknown = JSON.parse(stdout)
    expect(exit).toBe(0)
    expect(value).toMatchObject({ tasks: [{ id: 'T0001' }] })
    for (const name of ['T0002-conflict', 'T0003-yaml', 'T0004-a', 'T0004-b', 'T0005-type']) expect(stdout).toContain(name)
  })

  it('an event log that was tampered with is named, and other runs are listed', async () => {
    const log = run(world.state, 'sh', ['-c', 'ls */runs/R0001/events.jsonl'])
    const file = join(world.state, log.trim())
    const good = readFileSync(file)
    appendFileSync(file, '{"format":1}\n')
    const { error } = await world.refused('show', 'R0001')
    expect(error.code).toBe('run.log_invalid')
    const listed = await world.call(['runs', '--json'])
    expect([listed.exit, listed.stdout]).toEqual([0, expect.stringContaining('runs/R0001/events.jsonl')])
    writeFileSync(file, good)
  })

  it.each([
    ['settings with conflict markers', `format: 1\n${conflict}`, 2, 'config.invalid'],
    ['settings of a newer format', 'format: 2\n', 4, 'format.newer'],
  ])('%s: said with the file, and left as they are', async (_, text, exit, code) => {
    const good = readFileSync(path('signalbox.yaml'))
    writeFileSync(path('signalbox.yaml'), text)
    const { error } = await world.ask(failureForm, ['task', 'new', 'x'], exit)
    expect(error.code).toBe(code)
    expect(error.message).toContain('signalbox.yaml')
    expect(readFileSync(path('signalbox.yaml'), 'utf8')).toBe(text)
    writeFileSync(path('signalbox.yaml'), good)
  })

  it('a full disk is named, and nothing is half-written', async () => {
    const folder = join(world.dir, 'small')
    mkdirSync(folder)
    // Without the right to mount, a file size limit of nothing stops every write the same way.
    const limited = mayMount(folder)
    const state = limited ? folder : world.state
    const outcome = limited
      ? await world.signalbox(['task', 'new', 'x', '--json'], { env: { SIGNALBOX_STATE: join(state, 's') } })
      : await world.signalbox(['task', 'new', 'x', '--json'], { env: { SIGNALBOX_STATE: '/dev/full/state' } })
    if (limited) run('/', 'umount', [folder])
    const { error } = failureForm.parse(JSON.parse(outcome.stdout))
    expect([outcome.exit, error.code]).toEqual([5, expect.stringMatching(/^disk\./)])
    expect(git(world.memory, 'status', '--porcelain', '--', 'tasks/T0006*')).toBe('')
  })
})

/** Mounts a memory disk and fills it up; false where this user may not mount. */
function mayMount(folder: string): boolean {
  try {
    run('/', 'mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])
  } catch {
    return false // An ordinary user: the caller takes another way to a disk that takes nothing.
  }
  run('/', 'sh', ['-c', `dd if=/dev/zero of=${folder}/filler bs=1k count=60 2>/dev/null || true`])
  return true
}
