import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTempDir, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createLocks } from './state-lock.ts'

afterAll(removeTempDirs)

let path: string
beforeEach(() => {
  path = join(createTempDir('lock'), 'deep/state.lock')
})

/** Starts a process that takes the lock, says so, and holds it until it is ended. */
async function startHolder(): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../test/hold-lock.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('one holder at a time, two handles in one process included', async () => {
  let inside = 0
  let most = 0
  let done = 0
  const work = async () => {
    most = Math.max(most, (inside += 1))
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
    done += 1
  }
  await Promise.all(Array.from({ length: 20 }, () => createLocks().hold(path, work)))
  expect({ most, done }).toEqual({ most: 1, done: 20 })
})

test('what the work returns and throws goes through, and the lock is free again', async () => {
  const locks = createLocks()
  expect(await locks.hold(path, async () => 7)).toBe(7)
  await expect(locks.hold(path, async () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  expect(await locks.hold(path, async () => 8, { waitMs: 0 })).toBe(8)
})

test('a held lock is refused in time, and the holder is named', async () => {
  const holder = await startHolder()
  await expect(createLocks().hold(path, async () => 1, { waitMs: 50 })).rejects.toMatchObject({ code: 'state.locked', message: expect.stringContaining(`pid ${String(holder.pid)}`), hint: expect.any(String) })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
})

test('kill -9 of the holder frees the lock, and the next holder clears what it left', async () => {
  for (let round = 0; round < 3; round += 1) {
    const holder = await startHolder()
    const waiting = createLocks().hold(path, async () => 'mine')
    holder.kill('SIGKILL')
    expect(await waiting).toBe('mine')
    expect(readdirSync(dirname(path))).toEqual(['state.lock'])
  }
})

test('taking it inside its own work is refused, not a deadlock', async () => {
  const locks = createLocks()
  await expect(locks.hold(path, () => locks.hold(path, async () => 1, { waitMs: 20 }))).rejects.toMatchObject({ code: 'state.locked', message: expect.stringContaining('this process') })
})

test('a folder that cannot be made is an error of the disk', async () => {
  const folder = createTempDir('lock')
  writeFiles(folder, { file: '' })
  await expect(createLocks().hold(join(folder, 'file/state.lock'), async () => 1)).rejects.toMatchObject({ code: 'disk.unwritable' })
})
