import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BranchName, Oid } from '@signalbox/core'
import { alternatesLine } from './git-dir.ts'
import { copyIndex } from './index-file.ts'
import type { HumanSettings } from './human-settings.ts'

/** A git directory written file by file, as gitrepository-layout(5) describes it: many times quicker than asking git. */
export interface NewGitDir {
  readonly dir: string
  /** Settings file of our vault: git chose the values that suit this disk and object format. */
  readonly modelConfig: string
  readonly bare: boolean
  /** Object folders it borrows from. */
  readonly stores: readonly string[]
  readonly head: string
  readonly refs: Readonly<Record<string, Oid>>
  readonly settings: HumanSettings
}

/** Writes a git directory with nothing of anybody else's in it: no remotes, no hooks. */
export function writeGitDir({ dir, modelConfig, bare, stores, head, refs, settings }: NewGitDir): void {
  write(dir, 'HEAD', `${head}\n`)
  write(dir, 'config', readFileSync(modelConfig, 'utf8').replace(/^(\s*bare = ).*$/m, `$1${bare}`) + identity(settings))
  write(dir, 'info/exclude', settings.repoExcludes)
  write(dir, 'objects/info/alternates', stores.map(alternatesLine).join(''))
  mkdirSync(join(dir, 'objects', 'pack'), { recursive: true })
  mkdirSync(join(dir, 'refs', 'heads'), { recursive: true })
  for (const [ref, oid] of Object.entries(refs)) write(dir, ref, `${oid}\n`)
}

/** Ties a checkout to a git directory the way `git worktree add` does; `dir` is that of the worktree, in it. */
export function linkWorktree(dir: string, checkout: string, branch: string, index: string): void {
  write(dir, 'HEAD', `ref: refs/heads/${branch}\n`)
  write(dir, 'commondir', '../..\n')
  write(dir, 'gitdir', `${join(checkout, '.git')}\n`)
  copyIndex(index, join(dir, 'index'))
  write(checkout, '.git', `gitdir: ${dir}\n`)
}

/** Names both branches a run starts with, unless one name is a folder of the other. */
export function branchRefs(branch: string, baseBranch: BranchName, base: Oid): Readonly<Record<string, Oid>> {
  const clash = `${branch}/`.startsWith(`${baseBranch}/`) || `${baseBranch}/`.startsWith(`${branch}/`)
  return { [`refs/heads/${branch}`]: base, ...(clash ? {} : { [`refs/heads/${baseBranch}`]: base }) }
}

function identity({ name, email }: HumanSettings): string {
  if (name === undefined && email === undefined) return ''
  return `[user]\n${name === undefined ? '' : `\tname = ${quoteValue(name)}\n`}${email === undefined ? '' : `\temail = ${quoteValue(email)}\n`}`
}

function quoteValue(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
}

function write(dir: string, name: string, text: string): void {
  const path = join(dir, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
