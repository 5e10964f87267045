import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTempDir, removeTempDirs, writeFiles } from '@signalbox/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
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

describe('a damaged lock file', () => {
  const damage = (): void => writeFiles(dirname(path), { 'state.lock': 'no lock, no database. '.repeat(100) })
  let holder: Awaited<ReturnType<typeof startHolder>> | undefined
  afterEach(() => holder?.kill('SIGKILL'))

  test('is named, with what helps, and is whole again once it was mended', async () => {
    const locks = createLocks()
    expect(locks.findDamage(path)).toBeUndefined()
    damage()
    const named = { code: 'disk.unwritable', message: expect.stringContaining(`${path} is damaged`), hint: expect.stringContaining('signalbox doctor --fix') }
    await expect(locks.hold(path, async () => 1)).rejects.toMatchObject(named)
    expect(locks.findDamage(path)).toMatchObject(named)
    locks.mend(path)
    expect(locks.findDamage(path)).toBeUndefined()
    expect(await locks.hold(path, async () => 1)).toBe(1)
    expect(readdirSync(dirname(path))).toEqual(['state.lock'])
  })

  test('that somebody holds goes on being held, whatever was written into it, and is not mended', async () => {
    const locks = createLocks()
    holder = await startHolder()
    writeFileSync(path, 'no lock, no database. '.repeat(100))
    expect(locks.findDamage(path)).toBeUndefined()
    locks.mend(path)
    expect(readFileSync(path).length).toBeGreaterThan(0)
    // As by another process that saw the damage before there was a holder.
    truncateSync(path)
    await expect(locks.hold(path, async () => 1, { waitMs: 50 })).rejects.toMatchObject({ code: 'state.locked' })
  })

  test('that took the place of the one somebody holds is not mended before they are done', async () => {
    const locks = createLocks()
    holder = await startHolder()
    rmSync(path)
    damage()
    expect(() => locks.mend(path)).toThrow(`pid ${String(holder.pid)}`)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    locks.mend(path)
    expect(await locks.hold(path, async () => 1)).toBe(1)
  })

  test('is mended where the one who held it last has ended and only waits to be collected', async () => {
    // The first child becomes a zombie: the program its parent turns into never collects it.
    holder = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [pid] = await once(holder.stdout ?? process.stdin, 'data')
    damage()
    writeFileSync(`${path}.holder`, String(pid))
    await expect.poll(() => createLocks().mend(path)).toBeUndefined()
    expect(createLocks().findDamage(path)).toBeUndefined()
  })

  test('that cannot be used for another reason is left as it is', () => {
    mkdirSync(path, { recursive: true })
    const locks = createLocks()
    expect(locks.findDamage(path)).toMatchObject({ code: 'disk.unwritable' })
    expect(() => locks.mend(path)).toThrow(path)
    expect(existsSync(path)).toBe(true)
  })
})

test('a folder that cannot be made is an error of the disk', async () => {
  const folder = createTempDir('lock')
  writeFiles(folder, { file: '' })
  await expect(createLocks().hold(join(folder, 'file/state.lock'), async () => 1)).rejects.toMatchObject({ code: 'disk.unwritable' })
})
