import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { quoteFolder } from './git-dir.ts'
import type { Vault } from './vault.ts'

/** Returns the same vault with its new objects going to `folder`, which somebody throws away afterwards. */
export function withScratchObjects(vault: Vault, folder: string): Vault {
  const objects = join(folder, 'objects')
  mkdirSync(objects)
  const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoteFolder(join(vault.dir, 'objects')) }
  // Packs made of them may go elsewhere.
  const config = { 'core.fsync': '-loose-object' }
  return { ...vault, git: (args, more) => vault.git(args, { ...more, config: { ...config, ...more?.config }, env: { ...env, ...more?.env } }) }
}
