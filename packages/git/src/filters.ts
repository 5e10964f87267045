import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ControlError, filterConsentsSchema, messageOf, type AllowedFilter, type FilterConsents } from '@signalbox/core'
import { readText } from './content-id.ts'
import type { Git, GitDoor } from './exec.ts'
import { blankDriver, DRIVER_SETTINGS, findDrivers, type FilterDriver } from './filter-driver.ts'
import { identifyDriver, type KnownDriver } from './filter-program.ts'
import { readCommonDir, readGitDir, readIfThere } from './git-dir.ts'
import { parseSettings, userSettingsFiles, type Environment } from './human-settings.ts'
import { gitInSource } from './source-ref.ts'
import { writeSynced } from './write-synced.ts'

/** Which filter programs may run in the human's repositories: those they allowed, for as long as they are what they were then. */
export interface Filters {
  /** Says what a driver of a repository is now; a text says why that cannot be told. */
  identify(checkout: string, driver: FilterDriver): KnownDriver | string
  /** Returns those of the drivers that may run for a repository, by name; `consents` is what was allowed. */
  allowedOf(checkout: string, drivers: Iterable<FilterDriver>, consents?: readonly AllowedFilter[]): ReadonlyMap<string, KnownDriver>
  /** Returns the drivers that git finds in a checkout of the human; starts no git where no settings file names one. */
  findDrivers(checkout: string): Promise<ReadonlyMap<string, FilterDriver>>
  list(checkout: string): readonly AllowedFilter[]
  /** Notes what the human allowed for a repository, in the place of what was allowed before. */
  allow(checkout: string, filters: readonly AllowedFilter[]): Promise<void>
}

interface FiltersOptions {
  readonly git: GitDoor
  readonly env: Environment
  /** File, on this machine alone, that holds what was allowed: the memory repo may come from somebody else. */
  readonly file: string
}

/** Opens what was allowed on this machine. */
export function createFilters({ git, env, file }: FiltersOptions): Filters {
  const identify = (checkout: string, driver: FilterDriver): KnownDriver | string => identifyDriver(driver, { path: env['PATH'] ?? '', checkout })
  const list = (checkout: string): readonly AllowedFilter[] => readConsents(file).allowed[placeOf(checkout)] ?? []

  return {
    identify,
    list,
    allowedOf(checkout, drivers, consents = list(checkout)) {
      const known = [...drivers].filter(({ name }) => consents.some((one) => one.name === name)).map((driver) => identify(checkout, driver))
      return new Map(known.flatMap((driver) => (typeof driver !== 'string' && consents.some(({ name, digest }) => name === driver.name && digest === driver.digest) ? [[driver.name, driver]] : [])))
    },
    async findDrivers(checkout) {
      const gitDir = readGitDir(checkout)
      const files = [join(readCommonDir(gitDir), 'config'), join(gitDir, 'config.worktree'), ...userSettingsFiles(env), await git.systemSettings()]
      if (!files.some((each) => /filter|include/i.test(readText(each) ?? ''))) return new Map()
      const { text } = await gitInSource(git, checkout)(['config', '--null', '--get-regexp', `^(${DRIVER_SETTINGS})$`], { okExits: [0, 1] })
      return findDrivers(parseSettings(text))
    },
    async allow(checkout, filters) {
      const { [placeOf(checkout)]: _before, ...others } = readConsents(file).allowed
      const allowed = filters.length === 0 ? others : { ...others, [placeOf(checkout)]: [...filters] }
      await writeSynced(file, `${JSON.stringify({ format: 1, allowed } satisfies FilterConsents, undefined, 2)}\n`)
    },
  }
}

/** What is allowed is allowed for a repository and all its checkouts; also one that is not there now can be listed and forgotten. */
function placeOf(checkout: string): string {
  const usual = join(checkout, '.git')
  return existsSync(usual) ? readCommonDir(readGitDir(checkout)) : usual
}

function readConsents(file: string): FilterConsents {
  try {
    return filterConsentsSchema.parse(JSON.parse(readIfThere(file) ?? '{"format":1,"allowed":{}}'))
  } catch (error) {
    throw new ControlError('config.invalid', `${file} does not say which filter programs are allowed: ${messageOf(error)}`, { hint: 'Delete that file, then allow them again: signalbox repo add PATH --name NAME --allow-filter FILTER', cause: error })
  }
}

/** Commands of git that have files go through filters, when they look at them or write them. */
const FILTERING: ReadonlySet<string> = new Set(['status', 'merge', 'checkout', 'hash-object', 'update-index', 'blame'])

/** Returns the same door, through which no filter program runs in a checkout of the human but those that are allowed there. */
export function guardFilters(git: Git, filters: Filters): Git {
  return async (profile, args, call) => {
    const mayFilter = profile === 'source' && args.some((arg) => FILTERING.has(arg) || arg === '--filters')
    return git(profile, args, mayFilter ? { ...call, config: { ...(await settingsFor(filters, call.cwd, args)), ...call.config } } : call)
  }
}

async function settingsFor(filters: Filters, checkout: string, args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const drivers = await filters.findDrivers(checkout)
  // Of who last touched a line, the worst that a file nobody filtered can say is that the line is not committed.
  const allowed = args.includes('blame') ? new Map<string, KnownDriver>() : filters.allowedOf(checkout, drivers.values())
  return Object.assign({}, ...[...drivers.keys()].map((name) => allowed.get(name)?.run ?? blankDriver(name)))
}
