import { join } from 'node:path'
import { createRepo, createTempDir, git, type Files } from '@signalbox/testkit'
import type { MemoryStore } from '../src/memory.ts'
import { openMemory } from '../src/memory-store.ts'

/** A memory repo of plain git, opened. */
export interface GitMemory {
  readonly dir: string
  readonly state: string
  readonly store: MemoryStore
}

/** Makes a memory repo with plain git: these files in one commit on `main`; its state folder lies beside it. */
export async function createGitMemory(files: Files = {}, objectFormat: 'sha1' | 'sha256' = 'sha1'): Promise<GitMemory> {
  const folder = createTempDir('memory')
  const dir = createRepo({ 'signalbox.yaml': 'format: 1\n', ...files }, { path: join(folder, 'memory'), objectFormat })
  const state = join(folder, 'state')
  return { dir, state, store: await openMemory(dir, { state }) }
}

/** Returns what a minimal task's file holds. */
export function taskText(id: string, more = ''): string {
  return `---\nid: ${id}\ntitle: Task ${id}\nstatus: ready\n${more}---\nProse.\n`
}

/** What `git status` shows, one path a line; empty when it is clean. */
export function statusOf(dir: string): string {
  return git(dir, 'status', '--porcelain=v1', '--untracked-files=all')
}
