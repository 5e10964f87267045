import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { git, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, expect, test } from 'vitest'
import { createGitMemory, statusOf, taskText } from '../test/git-memory.ts'
import { openMemory } from './memory-store.ts'

afterAll(removeTempDirs)

const KILLS = Number(process.env['MEMORY_KILLS'] ?? 6)

function startChild(script: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, '../test', script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function readyChild(script: string, args: readonly string[]): Promise<ChildProcess> {
  const child = startChild(script, args)
  const ready = child.stdout === null ? undefined : once(child.stdout, 'data')
  const exited = once(child, 'exit').then(([code]) => code as unknown)
  const first = await Promise.race([ready, exited])
  if (!Array.isArray(first)) throw new Error(`${script} exited ${String(first)} before it was ready`)
  return child
}

/** A body is one word, four thousand times, so that two versions in one file would show. */
function isWhole(text: string): boolean {
  const body = text.slice(text.indexOf('\n---\n') + 5)
  const words = new Set(body.trim().split(' '))
  return text.startsWith('---\n') && (body === 'Prose.\n' || (words.size === 1 && body.length > 4000 * 3 && body.endsWith(' \n')))
}

function temporaries(...folders: readonly string[]): readonly string[] {
  // One that was not made before the first kill has none.
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith('.signalbox-')))
}

test(`${KILLS} kills at random moments leave the old file or the new one, no temporary file, and every write committed in the end`, async () => {
  const { dir, state } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001'), 'notes/N0001.md': '---\nid: N0001\ntitle: First\n---\nProse.\n' })
  let next = readyChild('edit-forever.ts', [dir, state])
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = await next
    if (kill + 1 < KILLS) next = readyChild('edit-forever.ts', [dir, state])
    child.stdin?.write('go\n')
    // The moment of the kill is what is random here; nothing is waited for.
    await setTimeout(Math.random() * 150)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const notes = readdirSync(join(dir, 'notes'), { recursive: true, encoding: 'utf8' }).map((name) => join(dir, 'notes', name))
    for (const path of [join(dir, 'tasks/T0001.md'), ...notes]) expect(isWhole(readFileSync(path, 'utf8')), path).toBe(true)
  }
  const store = await openMemory(dir, { state })
  expect(temporaries(dir, join(dir, 'tasks'), join(dir, 'notes'), state, join(state, 'queue'))).toEqual([])
  await store.edit('task', 'T0001', { status: 'done' })
  expect(await store.commit('T0001: last')).toEqual({ kind: 'committed', oid: expect.any(String) })
  expect(await store.pendingCommits()).toEqual([])
  expect(statusOf(dir)).toBe('')
  expect(readdirSync(join(dir, '.git')).filter((name) => /signalbox|\.lock$/.test(name))).toEqual([])
  const notes = await store.list('note')
  expect(notes.quarantined).toEqual([])
  expect(new Set(notes.records.map(({ id }) => id)).size).toBe(notes.records.length)
  git(dir, 'fsck', '--strict')
}, 60_000 + KILLS * 2_000)

/** Writes a `git` that passes everything on and, after its n-th command (or the next, of two at once), kills who started it; returns the folder for the PATH. */
function createDeadlyGit(dir: string, after: number): string {
  const folder = join(dir, '../deadly')
  const real = run('/', 'sh', ['-c', 'command -v git']).trim()
  const script = `#!/bin/sh\necho >> ${folder}/calls\n${real} "$@"\ncode=$?\n[ "$(wc -l < ${folder}/calls)" -ge ${after} ] && kill -9 $PPID\nexit $code\n`
  writeFiles(folder, { git: { executable: script }, calls: '' })
  return folder
}

test('a kill after any git command of a commit is made good by the next operation, and no lock of ours stays', async () => {
  const { dir, state, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001'), 'tasks/T0002.md': taskText('T0002') })
  let survived = false
  for (let after = 1; !survived; after += 1) {
    const title = `killed after ${after}`
    const deadly = createDeadlyGit(dir, after)
    const child = spawn(process.execPath, [join(import.meta.dirname, '../test/edit-once.ts'), dir, state, title], { stdio: 'inherit', env: { ...process.env, PATH: `${deadly}:${String(process.env['PATH'])}` } })
    const [code] = await once(child, 'exit')
    survived = code === 0
    await store.edit('task', 'T0002', { title: `after ${after}` })
    expect(await store.commit(`T0002: after ${after}`), title).toMatchObject({ kind: 'committed' })
    expect(statusOf(dir), title).toBe('')
    expect(git(dir, 'show', 'HEAD:tasks/T0001.md'), title).toContain(`title: ${title}\n`)
    expect(readdirSync(join(dir, '.git')).filter((name) => /signalbox|\.lock$/.test(name)), title).toEqual([])
    expect(await store.pendingCommits()).toEqual([])
  }
  expect(Number(git(dir, 'rev-list', '--count', 'HEAD'))).toBeGreaterThan(6)
}, 180_000)

/** Writes a `git` that, asked to move a branch, kills who started it and moves it only once there is a file `go` beside it; then it makes `gone`. */
function createLateGit(dir: string): string {
  const folder = join(dir, '../late')
  const real = run('/', 'sh', ['-c', 'command -v git']).trim()
  const late = `case " $* " in *" update-ref "*) kill -9 $PPID; while [ ! -e ${folder}/go ]; do sleep 0.01; done; ${real} "$@" 2> ${folder}/said; : > ${folder}/gone; exit;; esac`
  writeFiles(folder, { git: { executable: `#!/bin/sh\n${late}\nexec ${real} "$@"\n` } })
  return folder
}

/** Lets a process edit T0001 and be killed with its git about to move the branch; returns the folder of that git. */
async function killBeforeTheMove(dir: string, state: string): Promise<string> {
  const late = createLateGit(dir)
  const child = spawn(process.execPath, [join(import.meta.dirname, '../test/edit-once.ts'), dir, state, 'killed'], { stdio: 'inherit', env: { ...process.env, PATH: `${late}:${String(process.env['PATH'])}` } })
  await once(child, 'exit')
  return late
}

/** Lets that git move the branch, and waits for its end. */
async function letGo(late: string): Promise<void> {
  writeFiles(late, { go: '' })
  while (!existsSync(join(late, 'gone'))) await setTimeout(5)
}

test.each(['before the next operation is committed', 'afterwards'])('the git of a killed process that moves the branch %s harms nothing', async (moment) => {
  const { dir, state, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001') })
  const late = await killBeforeTheMove(dir, state)
  await store.edit('task', 'T0001', { title: 'next' })
  if (moment !== 'afterwards') await letGo(late)
  expect(await store.commit('T0001: next')).toEqual({ kind: 'committed', oid: expect.any(String) })
  const committed = git(dir, 'rev-parse', 'HEAD')
  if (moment === 'afterwards') await letGo(late)
  expect(git(dir, 'rev-parse', 'HEAD')).toBe(committed)
  expect(git(dir, 'show', 'HEAD~1:tasks/T0001.md')).toContain('title: killed\n')
  expect(git(dir, 'show', 'HEAD:tasks/T0001.md')).toContain('title: next\n')
  expect(statusOf(dir)).toBe('')
  expect(await store.pendingCommits()).toEqual([])
  expect(readdirSync(join(dir, '.git')).filter((name) => /signalbox|\.lock$/.test(name))).toEqual([])
})

test('a kill before the branch moved is undone where a clean-up took the commit since', async () => {
  const { dir, state, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001') })
  const late = await killBeforeTheMove(dir, state)
  git(dir, 'prune', '--expire=now')
  await store.edit('task', 'T0001', { title: 'next' })
  expect(await store.commit('T0001: next')).toEqual({ kind: 'committed', oid: expect.any(String) })
  await letGo(late)
  expect(git(dir, 'show', 'HEAD:tasks/T0001.md')).toContain('title: next\n')
  expect(statusOf(dir)).toBe('')
  git(dir, 'fsck', '--strict')
})

test('a kill before the branch moved is undone where another branch is checked out by now', async () => {
  const { dir, state, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001') })
  const late = await killBeforeTheMove(dir, state)
  rmSync(join(dir, '.git/index.lock'))
  git(dir, 'checkout', '--quiet', '-b', 'elsewhere')
  const head = git(dir, 'rev-parse', 'main')
  await store.edit('task', 'T0001', { title: 'next' })
  expect(await store.commit('T0001: next')).toMatchObject({ kind: 'queued', because: expect.stringContaining('elsewhere is checked out') })
  expect(git(dir, 'rev-parse', 'main', 'elsewhere')).toBe(`${head}\n${head}`)
  expect(git(dir, 'diff', '--cached', '--name-only')).toBe('')
  await letGo(late)
})

test('two processes that edit one task a hundred times each, under the lock, lose nothing, and a reader never sees half a file', async () => {
  const { dir, state, store } = await createGitMemory({ 'tasks/T0001.md': taskText('T0001') })
  const children = ['a', 'b'].map((name) => startChild('edit-hundred.ts', [dir, state, name]))
  const exits = Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown))
  const over = new AbortController()
  void exits.finally(() => over.abort())
  while (!over.signal.aborted) {
    expect(readFileSync(join(dir, 'tasks/T0001.md'), 'utf8')).toMatch(/^---\n[^]*\n---\nProse\.\n$/)
    await setTimeout(1)
  }
  expect(await exits).toEqual([0, 0])
  const { labels } = await store.read('task', 'T0001')
  const wanted = ['a', 'b'].flatMap((name) => Array.from({ length: 100 }, (_, round) => `${name}${round}`))
  expect(labels.toSorted()).toEqual(wanted.toSorted())
})
