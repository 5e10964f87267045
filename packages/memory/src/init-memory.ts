import { accessSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ControlError } from '@signalbox/core'
import { findObstacle, readCommitFacts, readPlaces } from './commit-facts.ts'
import { createCommitQueue } from './commit-queue.ts'
import { createCommits } from './commits.ts'
import { CONFIG_NAME, FIRST_CONFIG, readConfigFile } from './config-file.ts'
import { diskErrorOf } from './disk-error.ts'
import { offerDefaultMemory } from './find-memory.ts'
import type { CommitOutcome } from './memory.ts'
import { createMemoryGit, type MemoryGit } from './memory-git.ts'
import { createNotedWriter } from './noted-write.ts'
import { makePrivateFolder, readMemoryPlace, stateFolderOf, stateRootOf, writeMemoryPlace, type Environment } from './state-folder.ts'

/** A memory repo that is ready to be opened. */
export interface InitializedMemory {
  /** Absolute real path. */
  readonly dir: string
  readonly state: string
  /** The branch that memory commits go to. */
  readonly branch: string
  /** Whether signalbox.yaml was written now. */
  readonly created: boolean
  readonly commit: CommitOutcome
}

/**
 * Makes a memory repo of an empty or missing folder, or adopts a git repository by adding signalbox.yaml; asked again it gives
 * the same answer. Nothing that is there is changed. The first memory repo becomes the user's default.
 * @throws ControlError `input.invalid`, `repo.bare`, `config.invalid`, `disk.*`, `git.*`
 */
export async function initMemory(path: string, environment: Environment): Promise<InitializedMemory> {
  const dir = makeFolder(resolve(path))
  const git = createMemoryGit(dir, environment)
  const known = existsSync(join(dir, CONFIG_NAME))
  if (known) readConfigFile(dir)
  await ensureRepository(git, dir, known)
  const state = makePrivateFolder(stateFolderOf(stateRootOf(environment), dir))
  const branch = (await readMemoryPlace(state))?.branch ?? (await readOwnBranch(git, dir, known))
  await writeMemoryPlace(state, { path: dir, branch })
  const created = await writeConfig(git, dir, state)
  await offerDefaultMemory(environment, dir)
  return { dir, state, branch, ...created }
}

function makeFolder(path: string): string {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isFile() === true) throw refused(path, 'is a file', 'Name a folder')
    mkdirSync(path, { recursive: true })
    return realpathSync(path)
  } catch (error) {
    throw diskErrorOf(path, error)
  }
}

async function ensureRepository(git: MemoryGit, dir: string, known: boolean): Promise<void> {
  if (isBare(dir)) throw new ControlError('repo.bare', `${dir} is a bare repository; a memory repo has its files in it`, { hint: 'Clone it and run `signalbox init` on the clone' })
  if (existsSync(join(dir, '.git'))) return
  const outer = findRepositoryAbove(dirname(dir))
  if (outer !== undefined) throw refused(dir, `lies inside the repository ${outer}`, 'A memory repo is a repository of its own; name a folder outside')
  const others = readdirSync(dir).filter((name) => name !== '.DS_Store')
  if (!known && others.length > 0) throw refused(dir, `is not empty (${others.slice(0, 3).join(', ')}) and not a git repository`, 'Name an empty folder, or run `git init` in it first')
  assertWritable(dir)
  await git.run(['init', '--quiet', '--initial-branch=main'])
}

function assertWritable(dir: string): void {
  try {
    accessSync(dir, constants.W_OK)
  } catch (error) {
    throw diskErrorOf(dir, error)
  }
}

function isBare(dir: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(dir, name)))
}

function findRepositoryAbove(dir: string): string | undefined {
  const entry = join(dir, '.git')
  const found = lstatSync(entry, { throwIfNoEntry: false })
  if (found !== undefined && (found.isFile() || existsSync(join(entry, 'HEAD')))) return dir
  return dirname(dir) === dir ? undefined : findRepositoryAbove(dirname(dir))
}

/** The branch checked out now; a repository in the middle of something is not adopted. */
async function readOwnBranch(git: MemoryGit, dir: string, known: boolean): Promise<string> {
  const facts = await readCommitFacts(git, dir, await readPlaces(git, dir), [])
  if (facts.branch === undefined && facts.underWay === undefined) throw refused(dir, 'has no branch checked out, and a memory repo is kept on one', 'Check out the branch that is meant and run `signalbox init` again')
  const branch = facts.branch?.replace('refs/heads/', '') ?? ''
  const obstacle = findObstacle(facts, branch)
  if (obstacle !== undefined) throw refused(dir, `cannot be adopted now: ${obstacle}`, 'Finish that first and run `signalbox init` again')
  if (known || facts.head === undefined) return branch
  const { stdout } = await git.run(['status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=all'])
  if (stdout !== '') throw refused(dir, 'has changes that are not committed', 'Commit or put them away first and run `signalbox init` again')
  await refuseSource(git, dir)
  return branch
}

/** What a repository of records may hold beside them: Markdown, a licence, and files of tools (`.gitignore`, `.editorconfig`). */
const besideRecords = /(^|\/)\.|\.md$|(^|\/)licen[cs]e(\.txt)?$/i

/** A repository of code is what tasks are about; a slip of the folder must not put a commit of ours on its branch. */
async function refuseSource(git: MemoryGit, dir: string): Promise<void> {
  const { stdout } = await git.run(['ls-files', '-z'])
  const others = stdout.split('\0').filter((name) => name !== '' && !besideRecords.test(name))
  if (others.length === 0) return
  throw refused(dir, `holds more than notes (${others.slice(0, 3).join(', ')}), so it looks like a source repository`, 'Name an empty folder for the memory, and register this one with `signalbox repo add`')
}

async function writeConfig(git: MemoryGit, dir: string, state: string): Promise<{ readonly created: boolean; readonly commit: CommitOutcome }> {
  const queue = createCommitQueue(state)
  const commits = createCommits({ git, dir, state, queue })
  const created = await createNotedWriter(dir, queue).create(CONFIG_NAME, Buffer.from(FIRST_CONFIG))
  return { created, commit: await commits.commit('Begin a Signalbox memory') }
}

function refused(path: string, what: string, hint: string): ControlError {
  return new ControlError('input.invalid', `${path} ${what}`, { hint, data: { path } })
}
