import { readdir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@signalbox/core'
import * as z from 'zod'
import { nameOfSecret, newSecret, secretPattern } from './secret.ts'
import type { ServerState } from './server-state.ts'

/** Milliseconds a link may wait to be opened. Shorter misses a human at the coffee machine; longer leaves a key under the mat. */
const validMs = 10 * 60_000

const codeSchema = z.object({ createdAt: z.iso.datetime(), expiresAt: z.iso.datetime() })

/** A code that a page trades for a token, once. */
export interface LaunchCode {
  readonly code: string
  readonly expiresAt: string
}

/** Makes a code; only its hash is kept. Those that were never used and are too old now are removed. */
export async function mintCode(state: ServerState, now: Date): Promise<LaunchCode> {
  await sweep(state, now)
  const code = newSecret()
  const expiresAt = new Date(now.getTime() + validMs).toISOString()
  await state.write(fileOf(state, nameOfSecret(code), '.json'), JSON.stringify({ createdAt: now.toISOString(), expiresAt }))
  return { code, expiresAt }
}

/** Uses a code up; true for exactly one caller, in whichever process, and only while it is valid. */
export async function redeemCode(state: ServerState, code: string, now: Date): Promise<boolean> {
  if (!secretPattern.test(code)) return false
  const name = nameOfSecret(code)
  if (!(await isValid(state, name, now))) return false
  try {
    // The system lets one of several remove a file: that one may come in.
    await unlink(fileOf(state, name, '.json'))
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
  await rm(fileOf(state, name, '.html'), { force: true })
  return true
}

/** Path of the private page that leads a browser to the link of a code, so that the code is in no program's arguments. */
export function launchPageOf(state: ServerState, code: string): string {
  return fileOf(state, nameOfSecret(code), '.html')
}

async function isValid(state: ServerState, name: string, now: Date): Promise<boolean> {
  try {
    const code = await state.readJson(fileOf(state, name, '.json'), codeSchema, 'Delete that file and ask for a new link')
    // A clock that was set back makes old codes come from the future: they count as used up.
    return code !== undefined && Date.parse(code.createdAt) <= now.getTime() && now.getTime() < Date.parse(code.expiresAt)
  } catch (error) {
    // A damaged file lets nobody in, like a missing one.
    if (hasCode(error, 'config.invalid')) return false
    throw error
  }
}

async function sweep(state: ServerState, now: Date): Promise<void> {
  const folder = join(state.folder, 'launch')
  const names = new Set((await listIfThere(folder)).map((file) => file.replace(/\.(json|html)$/, '')))
  for (const name of names) {
    if (await isValid(state, name, now)) continue
    for (const ending of ['.json', '.html'] as const) await rm(fileOf(state, name, ending), { force: true })
  }
}

async function listIfThere(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function fileOf({ folder }: ServerState, name: string, ending: '.json' | '.html'): string {
  return join(folder, 'launch', `${name}${ending}`)
}
