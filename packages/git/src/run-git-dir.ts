import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BranchName, Oid } from '@signalbox/core'
import { alternatesLine } from './git-dir.ts'
import { copyIndex } from './index-file.ts'

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
  /** Settings on top of the model's, by name. */
  readonly config: Readonly<Record<string, string>>
  readonly excludes?: string
  /** Text of its attributes file, one character per byte. */
  readonly attributes?: string
}

/** Writes a git directory with nothing of anybody else's in it: no remotes, no hooks. */
export function writeGitDir({ dir, modelConfig, bare, stores, head, refs, config, excludes, attributes }: NewGitDir): void {
  write(dir, 'HEAD', `${head}\n`)
  write(dir, 'config', readFileSync(modelConfig, 'utf8').replace(/^(\s*bare = ).*$/m, `$1${bare}`) + configText(config))
  if (excludes !== undefined) write(dir, 'info/exclude', excludes)
  if (attributes !== undefined) write(dir, 'info/attributes', Buffer.from(attributes, 'latin1'))
  write(dir, 'objects/info/alternates', stores.map(alternatesLine).join(''))
  mkdirSync(join(dir, 'objects', 'pack'), { recursive: true })
  mkdirSync(join(dir, 'refs', 'heads'), { recursive: true })
  for (const [ref, oid] of Object.entries(refs)) write(dir, ref, `${oid}\n`)
}

/** Ties a checkout to a git directory the way `git worktree add` does; `dir` is that of the worktree, in it. */
export function linkWorktree(dir: string, checkout: string, branch: string, index: string): void {
  write(dir, 'gitdir', `${join(checkout, '.git')}\n`) // first: it says whose the rest is
  write(dir, 'HEAD', `ref: refs/heads/${branch}\n`)
  write(dir, 'commondir', '../..\n')
  copyIndex(index, join(dir, 'index'))
  write(checkout, '.git', `gitdir: ${dir}\n`)
}

/** Names both branches a run starts with, unless one name is a folder of the other. */
export function branchRefs(branch: string, baseBranch: BranchName, base: Oid): Readonly<Record<string, Oid>> {
  const clash = `${branch}/`.startsWith(`${baseBranch}/`) || `${baseBranch}/`.startsWith(`${branch}/`)
  return { [`refs/heads/${branch}`]: base, ...(clash ? {} : { [`refs/heads/${baseBranch}`]: base }) }
}

function configText(config: Readonly<Record<string, string>>): string {
  return Object.entries(config)
    .map(([name, value]) => `[${sectionOf(name)}]\n\t${name.slice(name.lastIndexOf('.') + 1)} = ${quoteValue(value)}\n`)
    .join('')
}

/** `core` of `core.eol`, `filter "lfs"` of `filter.lfs.clean`. */
function sectionOf(name: string): string {
  const [first, last] = [name.indexOf('.'), name.lastIndexOf('.')]
  return first === last ? name.slice(0, first) : `${name.slice(0, first)} "${name.slice(first + 1, last).replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

function quoteValue(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
}

function write(dir: string, name: string, text: string | Buffer): void {
  const path = join(dir, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
