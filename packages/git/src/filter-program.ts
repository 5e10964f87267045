import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join, sep } from 'node:path'
import { filterNameSchema } from '@signalbox/core'
import { absolutePath } from './find-git.ts'
import { blankTransfers, commandsOf, type FilterDriver } from './filter-driver.ts'

/** A file that a command line names, and its bytes by their sha256. */
export interface ProgramFile {
  readonly path: string
  readonly sha256: string
}

/** What a driver is at this moment: two with the same digest have the same settings and the same programs. */
export interface KnownDriver extends FilterDriver {
  /** sha256, in hex, over settings and programs. */
  readonly digest: string
  readonly programs: readonly ProgramFile[]
  /** The driver's settings for a call of git: programs by their absolute paths, and a failure is one for git too. */
  readonly run: Readonly<Record<string, string>>
}

export interface Machine {
  /** The human's PATH. */
  readonly path: string
  /** The checkout whose files no program may come from: a run writes such files. */
  readonly checkout: string
}

/** Finds out what a driver is; a text says why that cannot be told. Nothing is run. */
export function identifyDriver(driver: FilterDriver, machine: Machine): KnownDriver | string {
  if (!filterNameSchema.safeParse(driver.name).success) return 'its name is none that can be given'
  if (driver.settings['lfs.storage'] !== undefined) return 'lfs.storage is set, and content is looked for in the usual place only'
  const files = new Map<string, ProgramFile>()
  const run: Record<string, string> = { ...driver.settings }
  for (const [key, command] of commandsOf(driver)) {
    const found = findFiles(command, machine)
    if (typeof found === 'string') return `${key} is ${command}: ${found}`
    for (const path of found.files) if (!files.has(path)) files.set(path, { path, sha256: sha256(readFileSync(path)) })
    run[key] = found.command
  }
  const programs = [...files.values()]
  const settings = Object.entries(driver.settings).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { ...driver, programs, run: { ...run, ...strict(driver), ...blankTransfers(driver) }, digest: sha256(JSON.stringify([driver.name, settings, programs.map((file) => file.sha256)])) }
}

/** Git ignores a program that fails unless it is required. Of a required one both ways must be there; the one that is not set changes nothing. */
function strict({ name, settings }: FilterDriver): Readonly<Record<string, string>> {
  const key = (part: string): string => `filter.${name}.${part}`
  const isRequired = /^(true|yes|on|1)$/i.test(settings[key('required')] ?? '')
  const isSet = (part: string): boolean => (settings[key(part)] ?? '') !== ''
  const missing = isRequired || isSet('process') ? [] : ['clean', 'smudge'].filter((part) => !isSet(part))
  return { ...Object.fromEntries(missing.map((part) => [key(part), 'cat'])), [key('required')]: 'true' }
}

/** A word that a shell takes as it stands, with nothing to expand, and the end of it. */
const WORD = /[ \t]*(?:'([^']*)'|"([^"\\$`]*)"|([^\s'"\\$`|&;<>()*?[\]{}#~!]+))(?=[ \t]|$)/y

/** Programs that are there to start another one, which nothing would bind; shells are where they are given a command. */
const STARTERS: ReadonlySet<string> = new Set(['git', 'env', 'nice', 'nohup', 'timeout', 'xargs', 'sudo'])
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ksh', 'zsh'])

interface Word {
  readonly text: string
  /** Where it ends in the command line. */
  readonly end: number
  readonly quoted: boolean
}

/** Returns the words of a command line; undefined where a shell would do more with it than start one program. */
function wordsOf(command: string): readonly Word[] | undefined {
  const words: Word[] = []
  WORD.lastIndex = 0
  for (let end = 0; end < command.trimEnd().length; end = WORD.lastIndex) {
    WORD.lastIndex = end
    const found = WORD.exec(command)
    if (found === null) return undefined
    words.push({ text: found[1] ?? found[2] ?? found[3] ?? '', end: WORD.lastIndex, quoted: found[3] === undefined })
  }
  return words
}

interface FoundFiles {
  /** The program first, then what else the command line names. */
  readonly files: readonly string[]
  /** The same command line, with the program by its path. */
  readonly command: string
}

function findFiles(command: string, { path, checkout }: Machine): FoundFiles | string {
  const words = wordsOf(command)
  const [program, ...rest] = words ?? []
  if (program === undefined || program.text.includes('=')) return 'it is more than one program and its arguments; put it into a script, and name that by its absolute path'
  const name = basename(program.text)
  if (STARTERS.has(name) || (SHELLS.has(name) && rest.some(({ text }) => /^-[a-z]*c/.test(text)))) return `${name} starts another program for it; name that one itself`
  if (words?.some(({ quoted, text }) => quoted && text.includes('%f')) === true) return '%f is in quotes there, so that the name of a file could be a command; write it without them'
  const file = findProgram(program.text, path)
  if (file === undefined) return program.text.includes('/') && !isAbsolute(program.text) ? 'its program lies in the repository, where a run could change it' : `no program ${program.text} is found on this machine`
  const own = rest.find(({ text }) => !isAbsolute(text) && !text.startsWith('-') && (text.includes('/') || isFile(join(checkout, text))))
  const files = [file, ...rest.flatMap(({ text }) => (isAbsolute(text) && isFile(text) ? [text] : []))]
  const taken = own?.text ?? files.find((each) => isInside(each, checkout))
  // A landing brings such a file, and git would start it in the same breath.
  if (taken !== undefined) return `it takes ${taken} out of the repository, where a run could change it`
  return { files, command: `'${file}'${command.slice(program.end)}` }
}

function findProgram(name: string, path: string): string | undefined {
  if (name.includes('/')) return isAbsolute(name) && isProgram(name) ? name : undefined
  return absolutePath(path)
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => isProgram(file))
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

/** Wherever links lead to. */
function isInside(path: string, folder: string): boolean {
  return realpathSync(path).startsWith(`${realpathSync(folder)}${sep}`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return !path.includes("'") && statSync(path).isFile()
  } catch {
    return false // whatever it is, it cannot be run
  }
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
