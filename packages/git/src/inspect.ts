import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ControlError, hasCode, parseBranchName, type AllowedFilter, type BranchName, type ErrorCode, type FilterRequest } from '@signalbox/core'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { conversionOf, filterRefusal } from './conversion.ts'
import type { FilterDriver } from './filter-driver.ts'
import type { Filters } from './filters.ts'
import { readHumanSettings, type Environment } from './human-settings.ts'
import { gitInSource, type GitHere } from './source-ref.ts'
import { readAttributesFiles } from './tree-attributes.ts'
import { refuseLostMain } from './worktrees.ts'

/** What registering a folder found out. */
export interface InspectedSource {
  /** Absolute top level of the worktree. */
  readonly path: string
  /** Checked-out branch; null when HEAD is detached. */
  readonly branch: BranchName | null
  readonly branches: readonly BranchName[]
  /** Filter programs that may run for it: those that were asked for, as they are now, else those allowed before. */
  readonly filters: readonly AllowedFilter[]
}

/** What it takes to look at a repository of the human, and at which filter programs may run there. */
export interface InspectTools {
  readonly git: Git
  readonly env: Environment
  readonly filters: Filters
}

/** What is looked at. */
export interface InspectRequest {
  readonly folder: string
  /** Filter programs that the human allows to run for it, in the place of those allowed before. */
  readonly asked: readonly FilterRequest[] | undefined
  /** Where it lay before it was moved: what was allowed there still is. */
  readonly movedFrom: string | undefined
}

/** Looks at a folder a human wants to register; refuses, with reason and hint, what this version cannot work with. */
export async function inspect({ git, env, filters }: InspectTools, { folder, asked, movedFrom }: InspectRequest): Promise<InspectedSource> {
  const path = await findTop(git, resolve(folder))
  const here = gitInSource(git, path)
  const commonDir = readCommonDir(readGitDir(path))
  await Promise.all([refuseUnborn(here, path), refuseIncomplete(here, path, commonDir), refuseLostMain(git, path)])
  const [settings, inTree] = await Promise.all([readHumanSettings(git, env, { path }), readAttributesFiles(here, 'HEAD')])
  const allowed = asked?.map((request) => allow(filters, path, settings.conversion.drivers, request)) ?? listAllowed(filters, path, movedFrom)
  conversionOf({ ...filters, list: () => allowed, allowedOf: (checkout, drivers) => filters.allowedOf(checkout, drivers, allowed) }, { path, settings, inTree }) // refuses what needs another program
  const [branch, branches] = await Promise.all([readBranch(here), listBranches(here)])
  return { path, branch, branches, filters: allowed }
}

function listAllowed(filters: Filters, path: string, movedFrom: string | undefined): readonly AllowedFilter[] {
  const here = filters.list(path)
  return here.length > 0 || movedFrom === undefined ? here : filters.list(movedFrom)
}

/** Returns what a human allows with a request: exactly the program that the filter is now. */
function allow(filters: Filters, path: string, drivers: ReadonlyMap<string, FilterDriver>, { name, digest }: FilterRequest): AllowedFilter {
  const driver = drivers.get(name)
  if (driver === undefined) throw refuse('input.invalid', `No program is set for the filter ${name} in ${path}`, `Set it up there first, or leave it out: git -C '${path}' config --get-regexp '^filter'`)
  const now = filters.identify(path, driver)
  if (typeof now === 'string' || (digest !== undefined && !now.digest.startsWith(digest))) throw filterRefusal(filters, { path, driver, where: digest === undefined ? `filter=${name}` : `filter=${name} is not ${digest}` })
  return { name, digest: now.digest }
}

async function findTop(git: Git, folder: string): Promise<string> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw refuse('repo.not_a_repository', `${folder} is not a folder`, 'Give the path of a git checkout')
  if (folder.includes('\n')) throw refuse('input.invalid', `A repository whose path holds a line break is not supported: ${JSON.stringify(folder)}`, 'Rename the folder')
  const answer = await git('source', ['rev-parse', '--is-inside-work-tree', '--show-toplevel'], { cwd: folder }).catch((error: unknown) => {
    if (!hasCode(error, 'git.command_failed')) throw error
    throw explain(folder, error)
  })
  const [, path = ''] = /^true\n(.+)\n$/s.exec(answer.text) ?? []
  if (path === '') throw refuse('repo.not_a_repository', `${folder} lies in a git directory`, 'Give the path of the checkout itself')
  if (path.includes('\n')) throw refuse('input.invalid', `A repository whose path holds a line break is not supported: ${JSON.stringify(path)}`, 'Rename the folder')
  return path
}

/** Tells why git found no checkout, from what lies there: its words are not for programs. */
function explain(folder: string, error: unknown): unknown {
  const folders = [folder]
  for (let at = folder; at !== dirname(at); at = dirname(at)) folders.push(dirname(at))
  const gitDir = folders.find((each) => ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(each, name))))
  if (gitDir !== undefined && basename(gitDir) !== '.git') {
    return refuse('repo.bare', `${gitDir} is a bare repository`, 'Register a checkout of it: `git worktree add` or `git clone` makes one')
  }
  if (gitDir !== undefined) return refuse('repo.not_a_repository', `${folder} lies in a git directory`, 'Give the path of the checkout itself')
  if (folders.some((each) => existsSync(join(each, '.git')))) return error
  return refuse('repo.not_a_repository', `${folder} is not a git repository`, 'Give the path of a git checkout, or run `git init` there first')
}

async function refuseUnborn(here: GitHere, path: string): Promise<void> {
  const { exitCode } = await here(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { okExits: [0, 1] })
  if (exitCode === 1) throw refuse('repo.unborn', `${path} has no commit yet`, 'Make a first commit there')
}

/** A history with holes cannot lend its objects: what a run needs might not be there. */
async function refuseIncomplete(here: GitHere, path: string, commonDir: string): Promise<void> {
  if (existsSync(join(commonDir, 'shallow'))) throw refuse('repo.shallow', `${path} is a shallow clone`, `Complete it: git -C '${path}' fetch --unshallow`)
  const [{ exitCode }, { text }] = await Promise.all([
    here(['config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.partialclonefilter)$'], { okExits: [0, 1] }),
    here(['config', '--type=bool', '--get-regexp', '^remote\\..*\\.promisor$'], { okExits: [0, 1] }),
  ])
  if (exitCode === 0 || / true$/m.test(text)) throw refuse('repo.promisor', `${path} is a partial clone: some of its objects are only on a server`, 'Clone it again without --filter')
}

async function readBranch(here: GitHere): Promise<BranchName | null> {
  const { text, exitCode } = await here(['symbolic-ref', '--quiet', 'HEAD'], { okExits: [0, 1] })
  return exitCode === 1 ? null : (branchOf(text.trim()) ?? null)
}

async function listBranches(here: GitHere): Promise<readonly BranchName[]> {
  const { text } = await here(['for-each-ref', '--format=%(refname)', 'refs/heads/'])
  return text.split('\n').flatMap((ref) => branchOf(ref) ?? [])
}

function branchOf(ref: string): BranchName | undefined {
  return ref.startsWith('refs/heads/') ? parseBranchName(ref.slice('refs/heads/'.length)) : undefined
}

function refuse(code: ErrorCode, message: string, hint: string): ControlError {
  return new ControlError(code, message, { hint })
}
