import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readIfThere } from './git-dir.ts'
import type { Layout } from './layout.ts'
import { gitInSource, gitInVault, type SourceRef } from './source-ref.ts'
import { initVault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'
import { writeSynced } from './write-synced.ts'

interface Tools {
  readonly git: Git
  readonly layout: Layout
}

/** Returns the vault of a source where it is there and git does not open it as one; undefined where git does. */
export async function findBrokenVault({ git, layout }: Tools, source: SourceRef): Promise<string | undefined> {
  const dir = layout.vault(source.repo)
  if (!existsSync(dir)) return undefined
  return (await isOpened(git, source, dir)) ? undefined : dir
}

/**
 * Writes anew what git reads before any object or ref, as at creation: `HEAD`, which means nothing in a vault, and the settings where that was not
 * enough. @throws ControlError `git.command_failed` where git does not open it then either
 */
export async function mendVault({ git, layout }: Tools, source: SourceRef): Promise<void> {
  const dir = layout.vault(source.repo)
  await withWorkDir(layout.work, async (work) => {
    const fresh = join(work, 'fresh.git')
    await initVault(git, source, fresh)
    for (const name of ['HEAD', 'config']) {
      if (await isOpened(git, source, dir)) return
      const text = readFileSync(join(fresh, name), 'utf8')
      if (readIfThere(join(dir, name)) !== text) await writeSynced(join(dir, name), text)
    }
    if (await isOpened(git, source, dir)) return
    throw new ControlError('git.command_failed', `Git cannot open ${dir}, with HEAD and config as at its creation either`, { hint: `Bring that folder back from a backup; without it, its rounds are read again from their workspaces by signalbox doctor --fix` })
  })
}

/** Whether it is a repository, of objects that are named as those of the source are. */
async function isOpened(git: Git, source: SourceRef, dir: string): Promise<boolean> {
  const format = ['rev-parse', '--show-object-format'] as const
  const [vault, outside] = await Promise.all([gitInVault(git, dir)(format, { okExits: [0, 128] }), gitInSource(git, source.path)(format)])
  return vault.exitCode === 0 && vault.text === outside.text
}
