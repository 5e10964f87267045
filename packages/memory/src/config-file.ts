import { readFileSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { configSchema, ControlError, formats, messageOf, refuseNewer, type Config, type RepoConfig, type RepoName } from '@signalbox/core'
import { errnoOf } from './disk-error.ts'
import { decodeText, findConflictMarker } from './front-matter.ts'
import { readFields, toSnakeValue } from './record-fields.ts'
import { spliceKeys } from './splice.ts'
import { entriesOf, parseYamlBlock, problemAt, type Parsed, type Problem, type YamlBlock } from './yaml-block.ts'
import { equals, plainOf } from './yaml-plain.ts'
import type { YamlValue } from './yaml-print.ts'

/** Name of the settings file; a folder that has one is a memory repo. */
export const CONFIG_NAME = 'signalbox.yaml'

/** What `init` writes. */
export const FIRST_CONFIG = `# Settings of this Signalbox memory. \`signalbox repo add PATH --name NAME\` registers a repository here.\nformat: ${formats.memory}\n`

/** `signalbox.yaml` as it was read. */
export interface ConfigFile {
  readonly bytes: Uint8Array
  readonly block: YamlBlock
  readonly config: Config
}

/** Reads `signalbox.yaml`, for whoever writes too. @throws ControlError `memory.not_found`, `format.newer`, `config.invalid` with the line */
export function readConfigFile(dir: string): ConfigFile {
  const bytes = readConfigBytes(dir)
  const block = parseConfigText(bytes)
  if (block.kind === 'problem') throw invalid(dir, block.problem)
  refuseNewerFormat(dir, block.value)
  const config = readFields(block.value, configSchema)
  if (config.kind === 'problem') throw invalid(dir, config.problem)
  return { bytes, block: block.value, config: config.value }
}

/** Reads what `signalbox.yaml` says, also where a newer format still says it in words of ours. @throws as `readConfigFile` does */
export function readConfigToRead(dir: string): Config {
  const block = parseConfigText(readConfigBytes(dir))
  if (block.kind === 'problem') throw invalid(dir, block.problem)
  const config = readFields(block.value, configSchema)
  if (config.kind === 'parsed') return config.value
  refuseNewerFormat(dir, block.value)
  throw invalid(dir, config.problem)
}

/** @throws ControlError `format.newer`; of a file that cannot be read nothing is said here */
export function refuseNewerConfig(dir: string): void {
  const block = parseConfigText(readConfigBytes(dir))
  if (block.kind === 'parsed') refuseNewerFormat(dir, block.value)
}

/**
 * Returns the text of `signalbox.yaml` with one repo's settings spliced in, or taken out; undefined when it says so already.
 * @throws ControlError `config.invalid` when the file is written in a way that cannot be edited
 */
export function editRepoConfig(dir: string, file: ConfigFile, repo: RepoName, settings: RepoConfig | undefined): string | undefined {
  const old = reposOf(file.block)
  const { [repo]: mine, ...others } = old
  if (settings === undefined && mine === undefined) return undefined
  // A repo that changes keeps its place in the map; a new one comes last.
  const repos = settings === undefined ? others : { ...old, [repo]: mergeSettings(mine, settings) }
  if (equals(plainOf(old), plainOf(repos))) return undefined
  const spliced = spliceKeys(file.block, new Map([['repos', repos]]))
  if (spliced.kind === 'problem') throw invalid(dir, spliced.problem)
  const reread = parseConfigText(Buffer.from(spliced.value.text))
  const config = reread.kind === 'problem' ? reread : readFields(reread.value, configSchema)
  if (config.kind === 'problem') throw invalid(dir, config.problem)
  return spliced.value.text
}

type YamlMap = { readonly [key: string]: YamlValue }

function mergeSettings(mine: YamlValue | undefined, settings: RepoConfig): YamlValue {
  const old = isMapValue(mine) ? mine : {}
  // Splicing prints text, lists and maps of text only, which is all that settings of a repo hold.
  const wanted = toSnakeValue(settings) as YamlMap
  return { ...old, ...Object.fromEntries(Object.entries(wanted).filter(([key, value]) => key in old || !isEmpty(value))) }
}

function isEmpty(value: YamlValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function isMapValue(value: YamlValue | undefined): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function reposOf(block: YamlBlock): YamlMap {
  const pair = block.map === undefined ? undefined : entriesOf(block.map).find(([key]) => key === 'repos')?.[1]
  const repos = plainOf(pair?.value ?? {})
  return isPlainMap(repos) ? repos : {}
}

/** What `plainOf` returns for a map holds nothing but text, lists and maps. */
function isPlainMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseConfigText(bytes: Uint8Array): Parsed<YamlBlock> {
  const decoded = decodeText(bytes)
  if (decoded.kind === 'problem') return decoded
  const text = decoded.value
  const marker = findConflictMarker(text)
  if (marker !== undefined) return problemAt(text, marker, 'a merge conflict is unresolved: conflict markers')
  const start = /^\uFEFF?(?:---[ \t]*\r?\n)?/.exec(text)?.[0].length ?? 0
  return parseYamlBlock(text, start, text.length)
}

function refuseNewerFormat(dir: string, block: YamlBlock): void {
  const format = block.map === undefined ? undefined : plainOf(entriesOf(block.map).find(([key]) => key === 'format')?.[1].value)
  if (typeof format === 'string' && /^\d+$/.test(format)) refuseNewer(join(dir, CONFIG_NAME), { format: Number(format) }, formats.memory)
}

function readConfigBytes(dir: string): Uint8Array {
  const path = join(dir, CONFIG_NAME)
  try {
    if (lstatSync(path).isFile()) return readFileSync(path)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') throw new ControlError('memory.not_found', `There is no memory repo at ${dir} (no ${CONFIG_NAME})`, { hint: 'Name one with --memory, or make one with `signalbox init DIR`', cause })
    throw new ControlError('config.invalid', `${path} could not be read: ${messageOf(cause)}`, { hint: 'Check its owner and mode', cause })
  }
  throw new ControlError('config.invalid', `${path} is not a plain file`, { hint: 'Put a plain file in its place' })
}

function invalid(dir: string, problem: Problem): ControlError {
  const at = problem.line === null ? '' : ` line ${problem.line}:`
  return new ControlError('config.invalid', `${join(dir, CONFIG_NAME)}:${at} ${problem.reason}`, { hint: 'Repair the file and try again; nothing was written', data: { path: CONFIG_NAME, line: problem.line } })
}
