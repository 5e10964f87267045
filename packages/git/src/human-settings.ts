import { homedir } from 'node:os'
import { join } from 'node:path'
import { readCommonDir, readGitDir, readIfThere } from './git-dir.ts'
import { gitInSource, type SourceRef } from './source-ref.ts'
import type { Git } from './exec.ts'

/** What of a human's settings holds for work done on their behalf. */
export interface HumanSettings {
  readonly name: string | undefined
  readonly email: string | undefined
  /** Their ignore rules beside the ones in the tree, weakest first, as one text. */
  readonly excludes: string
  /** Those of them that belong to the repository alone. */
  readonly repoExcludes: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads identity and ignore rules of a source as git would find them there. */
export async function readHumanSettings(git: Git, env: Environment, source: SourceRef): Promise<HumanSettings> {
  const { text } = await gitInSource(git, source.path)(['config', '--null', '--get-regexp', '^(user\\.(name|email)|core\\.excludesfile)$'], { okExits: [0, 1] })
  const values = new Map(text.split('\0').map((entry) => splitOnce(entry, '\n')))
  const repoExcludes = endLine(readIfThere(join(readCommonDir(readGitDir(source.path)), 'info', 'exclude')) ?? '')
  const userFile = values.get('core.excludesfile')
  const userExcludes = readIfThere(userFile === undefined ? userFolder(env, 'ignore') : expandHome(env, userFile)) ?? ''
  return { name: values.get('user.name'), email: values.get('user.email'), excludes: endLine(userExcludes) + repoExcludes, repoExcludes }
}

/** Returns where a file of the user's own git settings lies when nothing says otherwise. */
export function userFolder(env: Environment, name: string): string {
  return join(env['XDG_CONFIG_HOME'] || join(homeOf(env), '.config'), 'git', name)
}

function expandHome(env: Environment, path: string): string {
  return path.startsWith('~/') ? join(homeOf(env), path.slice(2)) : path
}

function homeOf(env: Environment): string {
  return env['HOME'] ?? homedir()
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
