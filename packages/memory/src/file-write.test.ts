import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, createTempDir, removeTempDirs, run, writeFiles } from '@signalbox/testkit'
import { afterAll, afterEach, expect, test } from 'vitest'
import { changedUnderneath, createFileExclusively, sweepTemporaryFiles, writeFileAtomically } from './file-write.ts'
import { hashOf } from './record-file.ts'
import { openMemory } from './memory-store.ts'

const mounts: string[] = []

afterEach(() => {
  for (const path of mounts.splice(0)) run('/', 'umount', [path])
})
afterAll(removeTempDirs)

/** Mounts a small disk; false where this user may not. */
function mountSmallDisk(path: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' })
    mounts.push(path)
    return true
  } catch {
    return false
  }
}

test('a file is replaced whole, with its mode kept and nothing left beside it', async () => {
  const folder = createTempDir('write')
  writeFiles(folder, { a: 'old' })
  chmodSync(join(folder, 'a'), 0o640)
  await writeFileAtomically(join(folder, 'a'), 'new')
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new')
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder)).toEqual(['a'])
})

test('a file that was changed is not replaced', async () => {
  const folder = createTempDir('write')
  writeFiles(folder, { a: 'theirs' })
  const condition = { hash: hashOf(Buffer.from('mine')), otherwise: () => changedUnderneath('a') }
  await expect(writeFileAtomically(join(folder, 'a'), 'new', { condition })).rejects.toMatchObject({ code: 'record.changed_underneath' })
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('theirs')
  expect(readdirSync(folder)).toEqual(['a'])
})

test('of many that make one file exactly one succeeds, and the file is whole', async () => {
  const folder = createTempDir('write')
  const made = await Promise.all(Array.from({ length: 8 }, (_, at) => createFileExclusively(join(folder, 'a'), `${at}`.repeat(1000))))
  expect(made.filter(Boolean).length).toBe(1)
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe(String(made.indexOf(true)).repeat(1000))
  expect(readdirSync(folder)).toEqual(['a'])
})

test('temporary files of dead processes are swept, those of the living and of others stay', async () => {
  const folder = createTempDir('write')
  const dead = run('/', 'sh', ['-c', 'echo $$']).trim()
  writeFiles(folder, { [`.signalbox-${dead}-0123456789ab.tmp`]: '', [`.signalbox-${process.pid}-0123456789ab.tmp`]: '', [`.signalbox-${process.ppid}-0123456789ab.tmp`]: '', '.signalbox-mine.tmp': '', 'a.tmp': '' })
  sweepTemporaryFiles(folder)
  expect(readdirSync(folder).toSorted()).toEqual([`.signalbox-${process.ppid}-0123456789ab.tmp`, '.signalbox-mine.tmp', 'a.tmp'].toSorted())
})

test('a writer that was killed and only waits to be collected is dead', () => {
  const folder = createTempDir('write')
  // The first child becomes a zombie: the program its parent turns into never collects it.
  const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  return new Promise<void>((resolve, reject) => {
    parent.stdout.once('data', (pid: Buffer) => {
      const swept = (): boolean => {
        sweepTemporaryFiles(folder)
        return readdirSync(folder).length === 0
      }
      writeFiles(folder, { [`.signalbox-${pid.toString().trim()}-0123456789ab.tmp`]: '' })
      expect.poll(swept).toBe(true).then(resolve, reject)
    })
  }).finally(() => parent.kill())
})

test('a full and a read-only disk are named with the path, and the old file is whole', async (context) => {
  const folder = createTempDir('full')
  const state = createTempDir('state')
  context.skip(!mountSmallDisk(folder, '1m'), 'mounting needs privileges')
  const dir = createRepo({ 'signalbox.yaml': 'format: 1\n', 'notes/N0001.md': '---\nid: N0001\ntitle: A\n---\nProse.\n' }, { path: join(folder, 'memory') })
  const store = await openMemory(dir, { state })
  const before = readFileSync(join(dir, 'notes/N0001.md'), 'utf8')
  const big = 'x'.repeat(900 * 1024)
  await expect(store.edit('note', 'N0001', {}, { body: big })).rejects.toMatchObject({ code: 'disk.full', message: expect.stringContaining('N0001.md'), hint: expect.any(String) })
  await expect(store.create('note', { title: 'B' }, big)).rejects.toMatchObject({ code: 'disk.full' })
  expect(readFileSync(join(dir, 'notes/N0001.md'), 'utf8')).toBe(before)
  expect(readdirSync(join(dir, 'notes'))).toEqual(['N0001.md'])
  expect(await store.pendingCommits()).toEqual([])
  await store.edit('note', 'N0001', { title: 'room again' })
  expect(await store.commit('x')).toMatchObject({ kind: 'committed' })
  run('/', 'mount', ['-o', 'remount,ro', folder])
  await expect(store.edit('note', 'N0001', { title: 'C' })).rejects.toMatchObject({ code: 'disk.unwritable', message: expect.stringContaining('N0001.md') })
  expect((await store.list('note')).records.map(({ title }) => title)).toEqual(['room again'])
})
