import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ControlError, parseOid, type BranchName, type LandingRepo, type MergeStrategy, type Oid, type RunId } from '@signalbox/core'
import { filesOf, readChangeList } from './change-list.ts'
import { readKeptConversion } from './convert-view.ts'
import type { Git } from './exec.ts'
import { readCommonDir, readGitDir } from './git-dir.ts'
import { carryObjects } from './landing-objects.ts'
import { carryContent } from './lfs-content.ts'
import { findCheckout } from './landing-place.ts'
import { readIdentity, type Identity } from './landing-identity.ts'
import { pins } from './layout.ts'
import { withScratchObjects } from './scratch-objects.ts'
import { gitInSource, type SourceRef } from './source-ref.ts'
import type { Vault, Vaults } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** One approved change to land: `base` is the target's head and the parent of `snapshotCommit`, whose tree is `tree`. */
export interface LandingRequest {
  readonly source: SourceRef
  readonly branch: BranchName
  readonly base: Oid
  readonly snapshotCommit: Oid
  readonly tree: Oid
  /** The agent's own commits that `keep` lands, the first on the base, each on the one before. Absent: none. */
  readonly commits?: readonly Oid[]
}

/** How the commits of a landing are made. */
export interface LandingCommit {
  readonly message: string
  readonly strategy: MergeStrategy
}

/** What preparing needs beside the request. */
export interface PrepareTools {
  readonly git: Git
  readonly vaults: Vaults
  readonly run: RunId
}

/**
 * Makes the commit that will land, brings it into the source and pins it there. Moves no branch, touches no checkout.
 * @throws ControlError `merge.stopped` when the snapshot is not what was approved, `git.*`
 */
export async function prepareLanding({ git, vaults, run }: PrepareTools, request: LandingRequest, commit: LandingCommit): Promise<LandingRepo> {
  const { source, branch, base, tree } = request
  const vault = await vaults.open(source)
  await verifySnapshot(vault, request)
  await verifyCommits(vault, request)
  const identity = await readIdentity(git, source)
  const to = await withWorkDir(vault.work, async (folder) => {
    // What lands is read from the source.
    const scratch = withScratchObjects(vault, folder)
    const made = await makeCommit(scratch, request, { ...commit, run, identity })
    await carryObjects({ git, vault: scratch, source, folder }, { commit: made, base })
    // Before anything points to it. A run whose files go through no program has no such content.
    if (((await readKeptConversion(vault, run))?.drivers ?? []).length > 0) await carryContent(vault, source, { base, changes: filesOf(await readChangeList(vault, { base, commit: request.snapshotCommit })) })
    return made
  })
  const here = gitInSource(git, source.path)
  await here(['update-ref', pins.landing(run, to), to])
  // Every object is looked at once more where it will be read from.
  await here(['rev-list', '--objects', '--quiet', to, `^${base}`])
  const checkout = await findCheckout(git, source.path, branch)
  return { repo: source.repo, source: source.path, branch, from: base, to, tree, ...(commit.strategy === 'keep' ? { commits: [...(request.commits ?? [])] } : {}), checkout: checkout?.path ?? null, step: 'prepared' }
}

/** Removes the locks that a process left in a source which was killed while it pinned something for this run; no other program writes in this folder. */
export async function clearPinLocks(run: RunId, source: SourceRef): Promise<void> {
  const folder = join(readCommonDir(readGitDir(source.path)), pins.folder(run))
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) if (name.endsWith('.lock')) await rm(join(folder, name), { force: true })
}

async function verifySnapshot(vault: Vault, { source, snapshotCommit, base, tree }: LandingRequest): Promise<void> {
  const { text } = await vault.git(['rev-parse', `${snapshotCommit}^{tree}`, `${snapshotCommit}^1`])
  const [savedTree, savedBase] = text.split('\n')
  if (savedTree === tree && savedBase === base) return
  throw new ControlError('merge.stopped', `The saved commit ${snapshotCommit.slice(0, 10)} of ${source.repo} is not the one that was approved`, {
    hint: 'Seal the round again, then review and approve it',
    data: { repo: source.repo, tree, base, savedTree, savedBase },
  })
}

/** The commits that land are the very ones that were approved: nobody took one out, put one in between, or another base below them. */
async function verifyCommits(vault: Vault, { source, base, commits = [] }: LandingRequest): Promise<void> {
  const tip = commits.at(-1)
  if (tip === undefined) return
  const { text } = await vault.git(['rev-list', '--parents', `--max-count=${commits.length + 1}`, tip, `^${base}`])
  const expected = commits.map((oid, at) => `${oid} ${commits[at - 1] ?? base}`).toReversed()
  if (text === expected.map((line) => `${line}\n`).join('')) return
  throw new ControlError('merge.stopped', `The saved commits of ${source.repo} are not the ones that were approved`, { hint: 'Review the round and approve it again', data: { repo: source.repo, base, commits } })
}

interface Made extends LandingCommit {
  readonly run: RunId
  readonly identity: Identity
}

async function makeCommit(vault: Vault, request: LandingRequest, made: Made): Promise<Oid> {
  const { message, strategy, run, identity } = made
  const { base, tree, branch } = request
  if (strategy === 'keep') return keepCommits(vault, request, made)
  const change = await commitTree(vault, { tree, parents: [base], message, identity })
  if (strategy === 'squash') return change
  return commitTree(vault, { tree, parents: [base, change], message: `Merge ${run} into ${branch}\n\n${message}`, identity })
}

/** The agent's last commit, where its tree is the approved one; else one more commit, of what the agent left in none. */
async function keepCommits(vault: Vault, { base, tree, commits = [] }: LandingRequest, { message, identity }: Made): Promise<Oid> {
  const tip = commits.at(-1)
  if (tip !== undefined && (await vault.git(['rev-parse', '--verify', `${tip}^{tree}`])).text.trim() === tree) return tip
  return commitTree(vault, { tree, parents: [tip ?? base], message, identity })
}

async function commitTree(vault: Vault, commit: { readonly tree: Oid; readonly parents: readonly Oid[]; readonly message: string; readonly identity: Identity }): Promise<Oid> {
  const { author, committer } = commit.identity
  const env = { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email, GIT_COMMITTER_NAME: committer.name, GIT_COMMITTER_EMAIL: committer.email }
  const stdin = commit.message.endsWith('\n') ? commit.message : `${commit.message}\n`
  const { text } = await vault.git(['commit-tree', commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent]), '-F', '-'], { stdin, env })
  const oid = parseOid(text.trim())
  if (oid === undefined) throw new ControlError('git.command_failed', `git made a commit in ${vault.dir} and did not say which`)
  return oid
}
