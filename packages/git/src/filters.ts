import { join } from 'node:path'
import { readText } from './content-id.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import type { GitHere } from './source-ref.ts'

/**
 * Returns settings that take every filter program away from one git call. A filter runs whenever git must look at
 * bytes, and whoever can write the settings of a repository can name one. Nothing is asked where the repository's own
 * settings name none: programs of the human's own settings are the human's.
 */
export async function blankFilters(here: GitHere, checkout: string): Promise<Readonly<Record<string, string>>> {
  const gitDir = readGitDir(checkout)
  const files = [join(readCommonDir(gitDir), 'config'), join(gitDir, 'config.worktree')]
  if (!files.some((file) => /filter|include/i.test(readText(file) ?? ''))) return {}
  const { text } = await here(['config', '--null', '--name-only', '--get-regexp', '^filter\\..*\\.(clean|smudge|process|required)$'], { okExits: [0, 1] })
  return Object.fromEntries(text.split('\0').flatMap((key) => (key === '' ? [] : [[key, key.endsWith('.required') ? 'false' : '']])))
}
