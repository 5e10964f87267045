// Keeps two set-ups of one checkout apart. Node 16 syntax, no dependencies.
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toolchainDir } from './toolchain.mjs'

/** Milliseconds between two looks at a lock somebody else holds. */
const POLL_MS = 100

/** Milliseconds after which a lock counts as abandoned even if a process with its number lives: no set-up takes this long. */
const ABANDONED_MS = 15 * 60_000

/** Runs `work` while holding this checkout's set-up lock, waiting for another set-up to finish first. */
export async function withLock(work, file = join(toolchainDir, 'setup.lock')) {
  const token = `${process.pid}-${randomBytes(6).toString('hex')}`
  mkdirSync(dirname(file), { recursive: true })
  await acquire(file, token)
  try {
    return await work()
  } finally {
    release(file, token)
  }
}

async function acquire(file, token) {
  let announced = false
  while (!tryAcquire(file, token)) {
    if (!announced) console.error('signalbox: waiting for another set-up of this checkout')
    announced = true
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Writes our token under the lock's name in one step, or inherits the lock of a dead owner; says whether it is ours. */
function tryAcquire(file, token) {
  const draft = `${file}.${token}.tmp`
  writeFileSync(draft, token)
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return inherit(file, token, draft)
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Replaces the lock of a dead owner by ours. Many may notice the death at once, so the right to do it is itself a
 * lock, named after the dead owner: only its holder may touch the dead one's file.
 */
function inherit(file, token, draft) {
  const owner = readOwner(file)
  if (owner === undefined || !owner.abandoned) return false
  const right = `${file}.${owner.token}`
  if (!tryAcquire(right, token)) return false
  try {
    if (readOwner(file)?.token !== owner.token) return false // An earlier heir was here before us.
    renameSync(draft, file)
    return true
  } finally {
    release(right, token)
  }
}

function release(file, token) {
  if (readOwner(file)?.token === token) rmSync(file, { force: true })
}

/** Returns who holds a lock, or `undefined` when it is free. */
function readOwner(file) {
  try {
    const token = readFileSync(file, 'utf8')
    const age = Date.now() - statSync(file).mtimeMs
    return { token, abandoned: age > ABANDONED_MS || !isAlive(Number.parseInt(token, 10)) }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
