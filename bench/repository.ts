import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Memory file system where there is one: the disk of a shared machine would be what is measured. */
const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Makes a folder for one bench and returns it with its removal. */
export function makeBenchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(root, 'signalbox-bench-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Environment of raw git: nothing of the user's configuration takes part. */
const env = { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }

/** Runs raw git and returns what it printed. */
export function git(cwd: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  return execFileSync('git', args, { cwd, env: { ...env, ...more }, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs a shell script of raw git calls. */
export function shell(cwd: string, script: string): void {
  execFileSync('bash', ['-c', `set -e; ${script}`], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Returns the text of one synthetic file: 60 lines that differ from file to file. */
export function textOf(index: number, edit = ''): string {
  return Array.from({ length: 60 }, (_, line) => `export const value${line} = ${index * 60 + line}${line % 20 === 7 ? edit : ''}\n`).join('')
}

/** Path of one synthetic file, 50 to a folder. */
export function pathOf(index: number): string {
  return `src/part${Math.floor(index / 50)}/file${index}.ts`
}

/** Makes a repository of `files` synthetic files, committed on main. */
export function makeRepository(folder: string, files: number): string {
  mkdirSync(folder, { recursive: true })
  git(folder, ['init', '-q', '-b', 'main'])
  for (const [name, value] of [['user.name', 'Bench'], ['user.email', 'bench@localhost'], ['gc.auto', '0']] as const) git(folder, ['config', name, value])
  for (let index = 0; index < files; index += 1) writeText(join(folder, pathOf(index)), textOf(index))
  git(folder, ['add', '-A'])
  git(folder, ['commit', '-q', '-m', 'base'])
  return folder
}

/** Rewrites some files so that each differs in three places. */
export function editFiles(folder: string, indexes: readonly number[], mark: string): void {
  for (const index of indexes) writeText(join(folder, pathOf(index)), textOf(index, ` // ${mark}`))
}

function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
