import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { parseRunId, type Run, type RunId } from '@signalbox/core'
import { systemCodeOf, writeDurably } from './durable-file.ts'
import type { StateLayout } from './state-layout.ts'

/** Marks a run as needing an owner, so that recovery finds it without reading every log. */
export async function markActive(layout: StateLayout, run: RunId): Promise<void> {
  await mkdir(layout.activeFolder, { recursive: true })
  await writeDurably(layout, layout.run(run).active, '')
}

export async function unmarkActive(layout: StateLayout, run: RunId): Promise<void> {
  await rm(layout.run(run).active, { force: true })
}

/** Takes the mark of work away that does not hold the state lock throughout: a run that goes on meanwhile has an owner, and keeps it. */
export async function unmarkEnded(layout: StateLayout, { id, state }: Run): Promise<void> {
  if (state.kind === 'ended') await unmarkActive(layout, id)
}

/** Tells whether a run still has work of ours to come: its end is not recorded everywhere yet, or its landing not settled. */
export function isActive(layout: StateLayout, run: RunId): boolean {
  return existsSync(layout.run(run).active)
}

/** Ids of the runs that have not ended, or whose landing is not settled. */
export async function listActive(layout: StateLayout): Promise<readonly RunId[]> {
  return idsIn(layout.activeFolder, '')
}

/** Ids of the runs that left a landing journal. */
export async function listJournals(layout: StateLayout): Promise<readonly RunId[]> {
  return idsIn(layout.journalFolder, '.json')
}

async function idsIn(folder: string, ending: string): Promise<readonly RunId[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter((name) => name.endsWith(ending))
      .map((name) => parseRunId(name.slice(0, name.length - ending.length)))
      .filter((id) => id !== undefined)
      .toSorted()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
