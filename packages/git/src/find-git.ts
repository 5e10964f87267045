import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { ControlError } from '@signalbox/core'
import type { RunProgram } from '@signalbox/programs'

/** Oldest git that can do what this package asks: `merge-tree --write-tree` came with 2.38. */
export const MINIMUM_GIT = '2.38'

/** Where the installed git lives, in the words dugite understands. */
export interface GitLocation {
  /** Folder that holds `bin/git` (on Windows `cmd\git.exe`). */
  readonly prefix: string
  readonly execPath: string
  /** The machine's own settings file, as the installed git would find it. */
  readonly systemConfig: string
  readonly version: string
}

/**
 * Finds the git that `path` (a PATH) leads to.
 * @throws ControlError `git.not_found` when there is none or it does not answer like git, `git.too_old` below 2.38
 */
export async function findGit(path: string, runProgram: RunProgram): Promise<GitLocation> {
  const ask = (...args: readonly string[]): Promise<string> => askGit(runProgram, path, args)
  const [versionText, execPath] = await Promise.all([ask('--version'), ask('--exec-path')])
  const version = parseVersion(versionText)
  const prefix = findPrefix(execPath)
  // Git says where its settings are from 2.41 on; before, the usual place is the best guess.
  const systemConfig = isAtLeast(version, '2.41') ? await ask('var', 'GIT_CONFIG_SYSTEM') : ''
  return { prefix, execPath, systemConfig: isAbsolute(systemConfig) ? systemConfig : '/etc/gitconfig', version }
}

/** Keeps the absolute folders of a PATH: a relative one would be looked up inside somebody's repository. */
export function absolutePath(path: string): string {
  const separator = process.platform === 'win32' ? ';' : ':'
  return path
    .split(separator)
    .filter((folder) => isAbsolute(folder))
    .join(separator)
}

/** Asks the git on PATH one thing about itself, in an environment that holds nothing else. */
async function askGit(runProgram: RunProgram, path: string, args: readonly string[]): Promise<string> {
  const end = await runProgram({ file: 'git', args, cwd: '/', env: { PATH: path, LC_ALL: 'C' }, timeoutMs: 10_000, maxBytes: 1024 * 1024 })
  if (end.kind === 'exited' && end.exitCode === 0) return end.stdout.toString().trim()
  throw notFound(end.kind === 'failed' && end.why === 'not_found' ? 'git was not found on PATH' : `git ${args.join(' ')} did not answer`)
}

function parseVersion(text: string): string {
  const [, version] = /^git version (\d+\.\d+\S*)/.exec(text) ?? []
  if (version === undefined) throw notFound(`The git on PATH does not say its version; it printed ${JSON.stringify(text.slice(0, 80))}`)
  if (isAtLeast(version, MINIMUM_GIT)) return version
  throw new ControlError('git.too_old', `The git on PATH is ${version}; Signalbox needs ${MINIMUM_GIT} or newer`, {
    hint: `Install git ${MINIMUM_GIT} or newer and put it first on PATH`,
    data: { version, minimum: MINIMUM_GIT },
  })
}

function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split('.').map(Number)
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor)
}

/** Walks up from git's own programs to the folder that holds `bin/git`; this covers Debian, Homebrew, Apple, Nix and Windows. */
function findPrefix(execPath: string): string {
  const binary = process.platform === 'win32' ? join('cmd', 'git.exe') : join('bin', 'git')
  if (isAbsolute(execPath)) {
    for (let folder = execPath; folder !== dirname(folder); folder = dirname(folder)) {
      if (existsSync(join(folder, binary))) return folder
    }
  }
  throw notFound(`The git on PATH names no folder of its own; it printed ${JSON.stringify(execPath.slice(0, 80))}`)
}

function notFound(message: string): ControlError {
  return new ControlError('git.not_found', message, { hint: `Install git ${MINIMUM_GIT} or newer and put it first on PATH` })
}
