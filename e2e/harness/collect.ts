import { git } from '@signalbox/testkit'
import { findFiles } from './find-files.ts'
import type { World } from './world.ts'

/** Collects garbage in every vault and these sources, as hard as git can: what nothing keeps is gone. */
export function collectEverywhere(world: World, sources: readonly string[]): void {
  for (const repo of sources) git(repo, 'reflog', 'expire', '--expire=now', '--all')
  for (const repo of [...sources, ...findFiles(world.state, /(^|\/)vaults\/[^/]+\.git$/)]) git(repo, 'gc', '--quiet', '--prune=now')
}
