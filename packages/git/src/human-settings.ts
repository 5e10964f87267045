import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DRIVER_SETTINGS, findDrivers, type FilterDriver } from './filter-driver.ts'
import { readCommonDir, readGitDir, readIfThere } from './git-dir.ts'
import { gitInSource, type GitHere, type SourceRef } from './source-ref.ts'
import type { AttributesFile } from './attributes.ts'
import type { Git } from './exec.ts'

/** What of a human's settings holds for work done on their behalf. */
export interface HumanSettings {
  readonly name: string | undefined
  readonly email: string | undefined
  /** Their ignore rules beside the ones in the tree, weakest first, as one text. */
  readonly excludes: string
  /** Those of them that belong to the repository alone. */
  readonly repoExcludes: string
  readonly conversion: ConversionSettings
}

/** What of them decides which bytes and modes git stores, beside the attributes files of the tree. */
export interface ConversionSettings {
  readonly autocrlf: string | undefined
  readonly eol: string | undefined
  readonly filemode: string | undefined
  /** Filters that a program is set for, by name. */
  readonly drivers: ReadonlyMap<string, FilterDriver>
  /** The user's own attributes: weaker than those of any tree. */
  readonly userAttributes: AttributesFile
  /** Those of the repository alone: stronger than all others. */
  readonly repoAttributes: AttributesFile
}

export type Environment = Readonly<Record<string, string | undefined>>

const WANTED = String.raw`^(user\.(name|email)|core\.(excludesfile|attributesfile|autocrlf|eol|filemode)|${DRIVER_SETTINGS})$`

/** Reads identity, ignore rules and what decides about conversion, as git would find them in a source. */
export async function readHumanSettings(git: Git, env: Environment, { path }: Pick<SourceRef, 'path'>): Promise<HumanSettings> {
  const here = gitInSource(git, path)
  const { text } = await here(['config', '--null', '--get-regexp', WANTED], { okExits: [0, 1] })
  const values = parseSettings(text)
  const info = join(readCommonDir(readGitDir(path)), 'info')
  const userFile = async (key: string, name: string): Promise<string> => {
    const set = values.get(key)
    return set === undefined ? userFolder(env, name) : placeOf({ here, env, path, key, set })
  }
  const repoExcludes = endLine(readIfThere(join(info, 'exclude')) ?? '')
  const userExcludes = readUserFile(await userFile('core.excludesfile', 'ignore'))
  return {
    name: values.get('user.name'),
    email: values.get('user.email'),
    excludes: endLine(userExcludes) + repoExcludes,
    repoExcludes,
    conversion: {
      autocrlf: values.get('core.autocrlf'),
      eol: values.get('core.eol'),
      filemode: values.get('core.filemode'),
      drivers: findDrivers(values),
      userAttributes: readAttributes(await userFile('core.attributesfile', 'attributes')),
      repoAttributes: readAttributes(join(info, 'attributes')),
    },
  }
}

/** Reads what `git config --null` says of settings, by name; the last one of a name counts. */
export function parseSettings(text: string): ReadonlyMap<string, string> {
  // A name alone, without a value, means true.
  return new Map(text.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.includes('\n') ? splitOnce(entry, '\n') : [entry, 'true'] as const])))
}

/** Returns the settings files of the user that their git reads; none of them need be there. */
export function userSettingsFiles(env: Environment): readonly string[] {
  const named = env['GIT_CONFIG_GLOBAL']
  return named === undefined ? [userFolder(env, 'config'), join(homeOf(env), '.gitconfig')] : [named]
}

/** Returns the settings of git by which its author in a git directory of ours is the human. */
export function identityOf({ name, email }: Pick<HumanSettings, 'name' | 'email'>): Readonly<Record<string, string>> {
  return { ...(name === undefined ? {} : { 'user.name': name }), ...(email === undefined ? {} : { 'user.email': email }) }
}

function readAttributes(path: string): AttributesFile {
  return { path: Buffer.from(path).toString('latin1'), text: readUserFile(path, 'latin1') }
}

/** How git is told to use no file. */
const NO_FILE = '/dev/null'

function readUserFile(path: string, encoding?: 'latin1'): string {
  return path === NO_FILE ? '' : (readIfThere(path, encoding) ?? '')
}

/** Returns where a file of the user's own git settings lies when nothing says otherwise. */
function userFolder(env: Environment, name: string): string {
  return join(env['XDG_CONFIG_HOME'] || join(homeOf(env), '.config'), 'git', name)
}

interface SetFile {
  readonly here: GitHere
  readonly env: Environment
  /** Top of the checkout. */
  readonly path: string
  readonly key: string
  readonly set: string
}

/** Returns where a file lies that is set in the settings: git looks for a relative one from the top of the checkout. Set to nothing, there is none. */
async function placeOf({ here, env, path, key, set }: SetFile): Promise<string> {
  const file = await expandPath(set, env['HOME'], async () => (await here(['config', '--null', '--type=path', '--get', key])).text.replace(/\0$/, ''))
  return file === '' ? NO_FILE : resolve(path, file)
}

/** Most have a file in their own home, which costs no git; whose home another one is, it knows. */
async function expandPath(set: string, home: string | undefined, ask: () => Promise<string>): Promise<string> {
  if (home !== undefined && home !== '' && set.startsWith('~/')) return join(home, set.slice(2))
  return /^[~%]/.test(set) ? ask() : set
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
