import { ControlError, parseRepoName, type PartChoice, type RepoName } from '@signalbox/core'
import type { Command } from 'commander'

/** Collects a flag that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** Reads `--scope 'api:src/**'` flags into globs per repo. @throws ControlError `input.invalid` */
export function scopeOf(flags: readonly string[]): Record<string, string[]> {
  const scope: Record<string, string[]> = {}
  for (const flag of flags) {
    const [repo, glob] = pairOf('--scope', flag, ':', "api:src/**")
    scope[repo] = [...(scope[repo] ?? []), glob]
  }
  return scope
}

/** Reads `--only api:src/a.ts`, `--only api:src/` or `--only api`. @throws ControlError `input.invalid` */
export function partOf(flag: string): PartChoice {
  const repo = parseRepoName(flag)
  if (repo !== undefined) return { repo }
  const [name, path] = pairOf('--only', flag, ':', 'api:src/a.ts')
  return { repo: repoOf('--only', name), path }
}

/** Reads `--hunk api:src/a.ts#2` or `#2,5`; a path may have the sign in it too. @throws ControlError `input.invalid` */
export function hunksOf(flag: string): PartChoice {
  const [, name, path, numbers] = /^([^:]+):(.+)#([1-9]\d{0,6}(?:,[1-9]\d{0,6})*)$/s.exec(flag) ?? []
  if (name === undefined || path === undefined || numbers === undefined) throw new ControlError('input.invalid', `--hunk takes api:src/a.ts#2, not ${JSON.stringify(flag)}`, { hint: 'Hunks are numbered from 1 in each file; see them with `signalbox diff RUN --hunks`' })
  return { repo: repoOf('--hunk', name), path, hunks: numbers.split(',').map(Number) }
}

/** Reads `--at api:src/a.ts:4-9`; the lines, or all of them but the first, may be left out. @throws ControlError `input.invalid` */
export function placeOf(flag: string): { readonly repo: RepoName; readonly path: string; readonly from?: number; readonly to?: number } {
  const [, name, path, from, to] = /^([^:]+):(.+?)(?::([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?)?$/s.exec(flag) ?? []
  if (name === undefined || path === undefined) throw new ControlError('input.invalid', `--at takes api:src/a.ts:4-9, not ${JSON.stringify(flag)}`, { hint: 'Name the repo, the path and, where it is on lines, their numbers' })
  return { repo: repoOf('--at', name), path, ...(from === undefined ? {} : { from: Number(from) }), ...(to === undefined ? {} : { to: Number(to) }) }
}

/** Splits the words of a command that takes text and, after `--`, a command: to commander both are words, so what was typed is looked at. */
export function splitCommand(command: Command, words: readonly string[]): { readonly before: readonly string[]; readonly argv: readonly string[] | undefined } {
  const typed: unknown = Reflect.get(command.parent ?? command, 'rawArgs')
  const at = Array.isArray(typed) ? typed.indexOf('--') : -1
  if (!Array.isArray(typed) || at === -1) return { before: words, argv: undefined }
  const after = typed.length - at - 1
  return { before: words.slice(0, words.length - after), argv: words.slice(words.length - after) }
}

function repoOf(flag: string, text: string): PartChoice['repo'] {
  const repo = parseRepoName(text)
  if (repo !== undefined) return repo
  throw new ControlError('input.invalid', `${flag} names ${JSON.stringify(text)}, which is no repo name`, { hint: '`signalbox repo list` shows the registered ones' })
}

/** Reads `--check 'test=npm test'` flags into commands by name. @throws ControlError `input.invalid` */
export function checksOf(flags: readonly string[]): Record<string, string> {
  return mapOf('--check', flags, 'test=npm test')
}

/** Reads `--allow-filter lfs`, or one `--allow-filter lfs=DIGEST` for exactly the program that was shown. @throws ControlError `input.invalid` */
export function filtersOf(flags: readonly string[]): { name: string; digest?: string }[] {
  return flags.map((flag) => {
    if (!flag.includes('=')) return { name: flag }
    const [name, digest] = pairOf('--allow-filter', flag, '=', 'lfs, or lfs=DIGEST')
    return { name, digest }
  })
}

/** Reads `--base-branch main`, or one `--base-branch api=main` per repo. @throws ControlError `input.invalid` */
export function baseBranchOf(flags: readonly string[]): string | Record<string, string> {
  const [first = '', ...rest] = flags
  const isPair = (flag: string): boolean => flag.includes('=') && parseRepoName(flag.slice(0, flag.indexOf('='))) !== undefined
  if (rest.length === 0 && !isPair(first)) return first
  return mapOf('--base-branch', flags, 'api=main')
}

/** Reads a positive number. @throws ControlError `input.invalid` */
export function numberOf(flag: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number
  throw new ControlError('input.invalid', `${flag} takes a number above zero, not ${JSON.stringify(text)}`)
}

/** Returns the text of `--body`; `-` reads standard input to its end. */
export async function bodyOf(text: string): Promise<string> {
  if (text !== '-') return text
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

function mapOf(flag: string, values: readonly string[], example: string): Record<string, string> {
  const map: Record<string, string> = {}
  for (const value of values) {
    const [name, rest] = pairOf(flag, value, '=', example)
    if (name in map) throw new ControlError('input.invalid', `${flag} names ${name} twice`)
    map[name] = rest
  }
  return map
}

function pairOf(flag: string, text: string, separator: string, example: string): readonly [string, string] {
  const at = text.indexOf(separator)
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw new ControlError('input.invalid', `${flag} takes ${example}, not ${JSON.stringify(text)}`)
}
