import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { effortIdSchema, hasCode, repoNameSchema, runIdSchema, taskIdSchema, type ErrorCode } from '@signalbox/core'
import { commitAll, createTempDir, git, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createGitMemory, taskText } from '../test/git-memory.ts'
import { openMemory } from './memory-store.ts'

afterAll(removeTempDirs)

const api = repoNameSchema.parse('api')
const web = repoNameSchema.parse('web')

function refusal(code: ErrorCode) {
  return expect.objectContaining({ code, message: expect.any(String), hint: expect.any(String) })
}

function textOf(dir: string, path: string): string {
  return readFileSync(join(dir, path), 'utf8')
}

describe('creating', () => {
  test('writes a file a human would write', async () => {
    const { dir, store } = await createGitMemory()
    const task = await store.create('task', { title: 'Größe: add durable base branch', status: 'ready', repos: [api, web], scope: { [api]: ['src/**'] }, effort: effortIdSchema.parse('E012'), priority: 2 }, 'Why and what.\n\n## Acceptance\n- [ ] It holds')
    expect(task.path).toBe('tasks/T0001-grosse-add-durable-base-branch.md')
    expect(textOf(dir, task.path)).toBe(
      ['---', 'id: T0001', 'title: "Größe: add durable base branch"', 'status: ready', 'repos: [api, web]', 'effort: E012', 'priority: 2', 'scope: {api: ["src/**"]}', '---', 'Why and what.', '', '## Acceptance', '- [ ] It holds', ''].join('\n'),
    )
    expect(await store.read('task', 'T0001')).toEqual(task)
  })

  test('writes a handoff that can be read without us', async () => {
    const { dir, store } = await createGitMemory()
    const handoff = await store.create(
      'handoff',
      {
        task: taskIdSchema.parse('T0147'),
        run: runIdSchema.parse('R0031'),
        at: '2026-11-22T10:00:00Z',
        by: 'demo',
        what: 'Two things:\nfirst and second',
        evidence: { changed: [{ repo: api, files: ['src/a.ts'], insertions: 4, deletions: 1, reason: 'the fix' }], validation: [{ kind: 'fact', text: 'test passed', command: 'npm test', exitCode: 0 }] },
        blocker: null,
        next: 'no',
      },
      '',
    )
    expect(handoff.path).toBe('handoffs/H0001-T0147.md')
    expect(textOf(dir, handoff.path)).toBe(
      `---
id: H0001
task: T0147
run: R0031
at: "2026-11-22T10:00:00Z"
by: demo
what: |-
  Two things:
  first and second
evidence:
  changed:
    - repo: api
      files: [src/a.ts]
      insertions: 4
      deletions: 1
      reason: the fix
  validation:
    - kind: fact
      text: test passed
      command: npm test
      exit_code: 0
blocker: null
next: "no"
---
`,
    )
    expect(await store.read('handoff', 'H0001')).toEqual(handoff)
  })

  test.each([
    ['a field that does not fit', { title: 'A', status: 'ready', priority: 9 }, ''],
    ['a missing field', { title: 'A' }, ''],
    ['an empty title', { title: '', status: 'ready' }, ''],
    ['a body that is no text', { title: 'A', status: 'ready' }, 'a\0b'],
    ['a body that would be taken for a merge conflict', { title: 'A', status: 'ready' }, '<<<<<<< a\n=======\n>>>>>>> b\n'],
    ['a title that no file can hold', { title: 'a\ud800', status: 'ready' }, '\ud800'],
    ['more than a megabyte', { title: 'A', status: 'ready' }, 'x'.repeat(1024 * 1024)],
  ] as const)('refuses %s and writes nothing', async (_, fields, body) => {
    const { store } = await createGitMemory()
    await expect(store.create('task', fields, body)).rejects.toEqual(refusal('input.invalid'))
    expect(await store.list('task')).toEqual({ records: [], quarantined: [] })
  })

  test('refuses a folder that is a link out of the repository', async () => {
    const { dir, store } = await createGitMemory()
    const outside = createTempDir('outside')
    symlinkSync(outside, join(dir, 'tasks'))
    expect((await store.list('task')).quarantined).toEqual([{ path: 'tasks', line: null, reason: expect.stringContaining('symbolic link') }])
    await expect(store.create('task', { title: 'A', status: 'ready' }, '')).rejects.toEqual(refusal('disk.unwritable'))
  })
})

describe('an id is never given twice', () => {
  const title = { title: 'A', status: 'ready' } as const

  test('not after its file was deleted, and not in a new state folder either', async () => {
    const { dir, store } = await createGitMemory()
    await store.create('task', title, '')
    const second = await store.create('task', title, '')
    await store.commit('two')
    rmSync(join(dir, second.path))
    commitAll(dir, 'delete the second')
    expect((await store.create('task', title, '')).id).toBe('T0003')
    const elsewhere = await openMemory(dir, { state: createTempDir('state') })
    rmSync(join(dir, 'tasks/T0003-a.md'))
    expect((await elsewhere.create('task', title, '')).id).toBe('T0003')
  })

  test('not to another kind of spelling of it, and numbers grow past four digits', async () => {
    const { store } = await createGitMemory({ 'tasks/t9999-x.md': 'broken' })
    expect((await store.create('task', title, '')).id).toBe('T10000')
    expect((await store.create('effort', { title: 'E', status: 'active' }, '')).id).toBe('E001')
  })

  test('not by many at once', async () => {
    const { dir, state } = await createGitMemory()
    const stores = await Promise.all([1, 2, 3].map(() => openMemory(dir, { state })))
    const tasks = await Promise.all(stores.flatMap((store) => Array.from({ length: 5 }, () => store.create('task', title, ''))))
    expect(new Set(tasks.map((task) => task.id)).size).toBe(15)
  })

  test('not when the counter was damaged', async () => {
    const { state, store } = await createGitMemory({ 'tasks/T0007.md': taskText('T0007') })
    writeFiles(state, { 'ids.sqlite': 'this is no database, and long enough to be looked at as one' })
    expect((await store.create('task', title, '')).id).toBe('T0008')
  })

  test('to a run, whose folder is made at once', async () => {
    const { dir, store } = await createGitMemory({ 'runs/R0041/packet.md': 'x' })
    expect(await store.allocateRun()).toBe('R0042')
    rmSync(join(dir, 'runs/R0042'), { recursive: true })
    expect(await store.allocateRun()).toBe('R0043')
    expect(await store.listRuns()).toEqual(['R0041', 'R0043'])
  })
})

describe('editing', () => {
  const written = '---\r\n# mine\r\nid: "T0001"\r\ntitle: A   # short\r\nstatus: ready\r\ncolor: red\r\n---\r\nProse\r\nwithout an end'

  test('changes the lines of the changed keys only', async () => {
    const { dir, store } = await createGitMemory({ 'tasks/T0001.md': written })
    const task = await store.edit('task', 'T0001', { status: 'active', labels: ['no', 'a b'] })
    expect(textOf(dir, task.path)).toBe(written.replace('status: ready', 'status: active').replace('color: red', 'color: red\r\nlabels: ["no", a b]'))
    expect(task).toMatchObject({ status: 'active', labels: ['no', 'a b'], title: 'A', body: 'Prose\r\nwithout an end' })
  })

  test('with nothing new writes nothing', async () => {
    const { store } = await createGitMemory({ 'tasks/T0001.md': written })
    const before = await store.read('task', 'T0001')
    expect(await store.edit('task', 'T0001', { status: 'ready', priority: 3, labels: [] }, { body: before.body })).toEqual(before)
    expect(await store.pendingCommits()).toEqual([])
  })

  test('removes a key, and replaces the body alone', async () => {
    const { dir, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001', 'effort: E001\n') })
    await store.edit('task', 'T0001', { effort: undefined }, { body: 'New.\n' })
    expect(textOf(dir, 'tasks/T0001.md')).toBe(taskText('T0001').replace('Prose.', 'New.'))
  })

  test('is refused when the file was changed since it was read', async () => {
    const { dir, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001') })
    const { hash } = await store.read('task', 'T0001')
    writeFileSync(join(dir, 'tasks/T0001.md'), taskText('T0001', 'priority: 1\n'))
    await expect(store.edit('task', 'T0001', { status: 'done' }, { expect: hash })).rejects.toEqual(refusal('record.changed_underneath'))
    expect(textOf(dir, 'tasks/T0001.md')).toBe(taskText('T0001', 'priority: 1\n'))
  })

  test('is refused when the value does not fit', async () => {
    const { dir, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001') })
    await expect(store.edit('task', 'T0001', { priority: 9 })).rejects.toEqual(refusal('input.invalid'))
    await expect(store.edit('task', 'T0001', { title: undefined })).rejects.toEqual(refusal('input.invalid'))
    expect(textOf(dir, 'tasks/T0001.md')).toBe(taskText('T0001'))
  })

  test('finds a record by an id it had before', async () => {
    const { store } = await createGitMemory({ 'tasks/T0005.md': taskText('T0005', 'aliases: [T0001]\n') })
    expect((await store.edit('task', 'T0001', { status: 'done' })).id).toBe('T0005')
  })
})

test('a change by hand is seen by the next read, also within one tick of the clock', async () => {
  const { dir, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001', 'priority: 1\n') })
  for (let round = 0; round < 50; round += 1) {
    const priority = (round % 4) + 1
    writeFileSync(join(dir, 'tasks/T0001.md'), taskText('T0001', `priority: ${priority}\n`))
    expect((await store.read('task', 'T0001')).priority).toBe(priority)
  }
})

describe('a memory repo', () => {
  test('that is gone is an error, never an empty list', async () => {
    const { dir, store } = await createGitMemory()
    rmSync(dir, { recursive: true })
    await expect(store.list('task')).rejects.toEqual(refusal('memory.not_found'))
    await expect(store.listRuns()).rejects.toEqual(refusal('memory.not_found'))
  })

  test('of a newer format can be read and is never written', async () => {
    const { dir, store } = await createGitMemory({ 'signalbox.yaml': 'format: 2\nnew: thing\n', 'tasks/T0001.md': taskText('T0001') })
    expect((await store.list('task')).records.length).toBe(1)
    const writes = [
      () => store.create('task', { title: 'A', status: 'ready' }, ''),
      () => store.edit('task', 'T0001', { status: 'done' }),
      () => store.allocateRun(),
      () => store.writeRunFile(runIdSchema.parse('R0001'), 'packet.md', 'x'),
      () => store.writeRepoConfig(api, undefined),
    ]
    for (const write of [...writes, () => store.refuseNewer()]) await expect(write()).rejects.toMatchObject({ code: 'format.newer', message: expect.stringContaining('format 2'), hint: expect.stringContaining('Update') })
    expect(git(dir, 'status', '--porcelain')).toBe('')
  })
})

test('an unknown record is not found, in the words of its kind', async () => {
  const { store } = await createGitMemory()
  await expect(store.read('task', 'T0001')).rejects.toEqual(refusal('task.not_found'))
  await expect(store.read('handoff', 'H0001')).rejects.toSatisfy((error) => hasCode(error, 'handoff.not_found'))
})

test('run files are written whole, read back, and committed', async () => {
  const { dir, store } = await createGitMemory()
  const run = await store.allocateRun()
  expect(await store.readRunFile(run, 'packet.md')).toBeUndefined()
  await store.writeRunFile(run, 'packet.md', 'one')
  await store.writeRunFile(run, 'packet.md', 'two')
  expect(await store.readRunFile(run, 'packet.md')).toBe('two')
  await store.commit(`${run}: packet`)
  expect(git(dir, 'show', `HEAD:runs/${run}/packet.md`)).toBe('two')
})

test('a run file is replaced where it is as it was read, and what somebody wrote meanwhile stays', async () => {
  const { dir, store } = await createGitMemory()
  const run = await store.allocateRun()
  const name = 'review.jsonl'
  const refused = (old: string | undefined): Promise<void> => expect(store.replaceRunFile(run, name, old, 'lost')).rejects.toEqual(refusal('record.changed_underneath'))
  await refused('not there')
  await store.replaceRunFile(run, name, undefined, 'one\n')
  await store.replaceRunFile(run, name, 'one\n', 'one\ntwo\n')
  await store.commit(`${run}: review`)
  const theirs = 'one\nby hand \xff\n'
  writeFileSync(join(dir, 'runs', run, name), theirs, 'latin1')
  await refused('one\ntwo\n')
  await refused(undefined)
  await refused(await store.readRunFile(run, name))
  expect(readFileSync(join(dir, 'runs', run, name), 'latin1')).toBe(theirs)
  expect(git(dir, 'show', `HEAD:runs/${run}/${name}`)).toBe('one\ntwo')
  expect(await store.pendingCommits()).toEqual([])
})
