import { ControlError, quote } from '@signalbox/core'
import { flattenAttributes, type AttributesFile } from './attributes.ts'
import { findConverting, type Converting } from './converting.ts'
import { commandsOf, type FilterDriver } from './filter-driver.ts'
import type { Filters } from './filters.ts'
import type { HumanSettings } from './human-settings.ts'
import { showPath } from './raw-diff.ts'

/** How a human's git turns what lies on disk into what it stores, and back: as it was when somebody looked. */
export interface Conversion {
  /** Text of one attributes file that stands for all in force. */
  readonly attributes: string
  /** Settings of git that take part, by name. */
  readonly config: Readonly<Record<string, string>>
  /** Programs that files go through, all of them allowed. */
  readonly drivers: readonly FilterDriver[]
  /** Whether a checkout may write other bytes than are stored. */
  readonly writesOtherBytes: boolean
}

/** A tree of a repository of the human, as far as it decides about conversion. */
export interface Converted {
  /** A checkout of the repository. */
  readonly path: string
  readonly settings: HumanSettings
  readonly inTree: readonly AttributesFile[]
}

/**
 * Returns how the human's git converts in a tree with these attributes files; undefined where it stores all as it
 * lies on disk.
 * @throws ControlError `repo.filter_not_allowed` naming the file and line, where a program would have to run that is not allowed as it is now
 */
export function conversionOf(filters: Filters, { path, settings, inTree }: Converted): Conversion | undefined {
  const { autocrlf, eol, filemode, drivers, userAttributes, repoAttributes } = settings.conversion
  const found = [userAttributes, ...inTree, repoAttributes].flatMap((file) => findConverting(file.text, showPath(file.path)))
  const needed = findNeeded(found, drivers)
  refuseForeign(filters, path, needed)
  // Whether a file may be run is no change then: it keeps what it has in the base, and a new one may not.
  const ignoresModes = filemode !== undefined && isOff(filemode)
  if (found.length === 0 && isOff(autocrlf) && !ignoresModes) return undefined
  return {
    attributes: flattenAttributes({ weaker: userAttributes.text, inTree, stronger: repoAttributes.text }),
    config: { 'core.autocrlf': autocrlf ?? 'false', ...(eol === undefined ? {} : { 'core.eol': eol }), ...(ignoresModes ? { 'core.filemode': 'false' } : {}), 'core.safecrlf': 'false' },
    drivers: [...new Map(needed.map(({ driver }) => [driver.name, driver])).values()],
    writesOtherBytes: needed.length > 0 || process.platform === 'win32' || isOn(autocrlf) || eol?.toLowerCase() === 'crlf' || found.some(({ setting }) => WRITES_OTHER_BYTES.test(setting)),
  }
}

/** Attributes by which a checkout writes other bytes; the others only change what is stored. A macro may stand for any. */
const WRITES_OTHER_BYTES = /^(eol=crlf|ident|working-tree-encoding=.*)$/

/** A line of an attributes file by which files go through a program. */
interface Needed extends Converting {
  readonly driver: FilterDriver
}

/** A filter nobody set a program for is none. */
function findNeeded(found: readonly Converting[], drivers: ReadonlyMap<string, FilterDriver>): readonly Needed[] {
  return found.flatMap((line) => {
    const driver = drivers.get(line.setting.replace(/^filter=/, ''))
    return driver === undefined ? [] : [{ ...line, driver }]
  })
}

function refuseForeign(filters: Filters, path: string, needed: readonly Needed[]): void {
  if (needed.length === 0) return
  const allowed = filters.allowedOf(path, needed.map(({ driver }) => driver))
  const foreign = needed.filter(({ driver }) => !allowed.has(driver.name))
  const [first] = foreign
  if (first === undefined) return
  const more = foreign.length > 1 ? ` and ${foreign.length - 1} more` : ''
  throw filterRefusal(filters, { path, driver: first.driver, where: `${placeText(first)}${more}`, data: { settings: foreign.map(({ file, line, setting }) => ({ file, line, setting })) } })
}

interface Refused {
  readonly path: string
  readonly driver: FilterDriver
  readonly where: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** Builds the refusal to run a driver: what it is now, whether it was something else when it was allowed, and how to allow it. */
export function filterRefusal(filters: Filters, { path, driver, where, data = {} }: Refused): ControlError {
  const { name } = driver
  const now = filters.identify(path, driver)
  const before = filters.list(path).find((one) => one.name === name)
  const commands = commandsOf(driver).map(([key, command]) => `${key} = ${command}`)
  const changed = before === undefined ? '' : `; it is no more what was allowed (${before.digest.slice(0, 12)})`
  return new ControlError('repo.filter_not_allowed', `${path} stores some files through a program${name === 'lfs' ? ' (Git LFS)' : ''}: ${where}${changed}`, {
    hint:
      typeof now === 'string'
        ? `It cannot be allowed: ${now}. Set the filter otherwise, remove the line, or turn it off with a leading - in .git/info/attributes`
        : `It is ${commands.join(', ')}, the program ${now.programs.map((file) => file.path).join(', ')}. If you trust it, allow exactly that: signalbox repo add ${quote(path)} --name NAME --allow-filter ${name}=${now.digest.slice(0, 12)}`,
    data: { ...data, filter: typeof now === 'string' ? { name, because: now } : { name, digest: now.digest, commands, programs: now.programs } },
  })
}

function placeText({ file, line, setting }: Converting): string {
  return `${setting} in ${file}:${line}`
}

function isOff(value: string | undefined): boolean {
  return value === undefined || /^(false|no|off|0|)$/i.test(value)
}

function isOn(autocrlf: string | undefined): boolean {
  return !isOff(autocrlf) && autocrlf?.toLowerCase() !== 'input'
}
