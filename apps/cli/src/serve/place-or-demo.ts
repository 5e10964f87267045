import { resolve } from 'node:path'
import { hasCode, quote } from '@signalbox/core'
import type { Command } from 'commander'
import { findPlace, type Place } from '../server-place.ts'

/**
 * Returns the memory repo that the caller means; where there is none at all, that of a fresh demo, played on standard
 * error up to a run that waits for review.
 * @throws ControlError `memory.not_found` when one was named, or is the default, and is not there; or what the demo throws
 */
export async function findPlaceOrDemo(command: Command): Promise<Place> {
  try {
    return await findPlace(command)
  } catch (error) {
    if (!hasCode(error, 'memory.not_found') || namesFolder(error)) throw error
  }
  const [{ makeFolder }, { createNarrator }, { playToReview }] = await Promise.all([import('../demo/demo-folder.ts'), import('../demo/narrator.ts'), import('../demo/play-demo.ts')])
  const folder = await makeFolder(undefined, process.env)
  const program = [process.execPath, resolve(process.argv[1] ?? '')] as const
  const { env } = await playToReview({ folder, tell: createNarrator(process.stderr), program, env: process.env })
  return { memory: folder.memory, env, launcher: quote(folder.launcher) }
}

/** Tells whether somebody named a memory repo, now or once as the default: that it is not there is news, and no reason for a demo. */
function namesFolder(error: unknown): boolean {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined
  return typeof data === 'object' && data !== null && 'path' in data
}
