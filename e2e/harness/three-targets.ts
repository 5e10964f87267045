import { join } from 'node:path'
import { commitAll, git, run as runProgram, writeFiles, type Files } from '@signalbox/testkit'
import { approvalForm, type RunValue } from './contract.ts'
import { stateFolderOf } from './state-folder.ts'
import { addRepo, newTask, runScript, type World } from './world.ts'

/** Three repositories a change is to land in on `main`, each with work of its human beside it. */
export interface ThreeTargets {
  readonly run: RunValue
  readonly targets: readonly ThreeTarget[]
}

export interface ThreeTarget {
  readonly repo: string
  readonly source: string
  /** Every worktree of it, `source` first. */
  readonly checkouts: readonly string[]
  /** The one that has `main`; null when none has. */
  readonly landing: string | null
  readonly base: string
  /** The approved tree. */
  readonly tree: string
  /** Every path that differs between the two. */
  readonly changed: ReadonlySet<string>
}

/** The folder that a checkout of the change begins with: git writes in the order of names. */
export const firstWritten = 'added'

/** Files per repository that the change rewrites: enough that git is at it for a while, and a kill finds it half-way. */
const rewritten = 36

/** Bytes of each: more than one write of git, so that a kill can leave the beginning of a file. */
const bytesEach = 40_000

/** Registers the three, lets an agent change all of them, and approves what it did. */
export async function prepareThreeTargets(world: World): Promise<ThreeTargets> {
  const here = world.source('here', sourceFiles())
  const linked = world.source('linked', sourceFiles())
  const nowhere = world.source('nowhere', sourceFiles())
  const linkedMain = join(world.dir, 'linked-main')
  leaveBranches(here, 'main')
  for (const source of [linked, nowhere]) leaveBranches(source, 'elsewhere')
  git(linked, 'worktree', 'add', '--quiet', linkedMain, 'main')
  for (const target of [here, linkedMain]) leaveBesideTarget(target)
  for (const source of [linked, nowhere]) leaveUnfinished(source)
  const places = [
    { repo: 'here', source: here, checkouts: [here], landing: here },
    { repo: 'linked', source: linked, checkouts: [linked, linkedMain], landing: linkedMain },
    { repo: 'nowhere', source: nowhere, checkouts: [nowhere], landing: null },
  ] as const
  for (const { repo, source } of places) await addRepo(world, repo, source)
  const task = await newTask(world, 'Rewrite all three', ...places.flatMap(({ repo }) => ['--repo', repo]))
  const run = await runScript(world, task, `for repo in here linked nowhere; do (cd $repo\n${change}\n); done`)
  await world.ask(approvalForm, ['approve', run.id])
  const saved = new Map(run.snapshots.at(-1)?.repos.map(({ repo, base, tree }) => [repo, { base, tree }]))
  const targets = places.map((place) => {
    const { base, tree } = saved.get(place.repo) ?? { base: '', tree: '' }
    const vault = join(stateFolderOf(world), 'vaults', `${place.repo}.git`)
    const changed = runProgram(vault, 'git', ['--git-dir', vault, 'diff', '--name-only', '--no-renames', '-z', base, tree]).split('\0')
    return { ...place, base, tree, changed: new Set(changed.filter((path) => path !== '')) }
  })
  return { run, targets }
}

/** What the agent does in each: every kind of step a checkout has to take. */
const change = `
for file in src/*.txt; do sed -i 's/old/new/' $file; done
mkdir -p ${firstWritten}/deep && for i in 1 2 3 4; do echo new > ${firstWritten}/deep/$i.txt; done
git rm --quiet -r gone && git mv docs moved && rm folder-or-file && mkdir folder-or-file && echo new > folder-or-file/inside
chmod +x script.sh && ln -s script.sh link
`

function sourceFiles(): Files {
  const files: Record<string, string> = { '.gitignore': '*.env\nbuild/\n', 'folder-or-file': 'file\n', 'script.sh': 'echo ok\n', 'kept.txt': 'kept\n' }
  for (let index = 0; index < rewritten; index += 1) files[`src/${index}.txt`] = `old ${index}\n`.padEnd(bytesEach, 'x')
  for (let index = 0; index < 4; index += 1) Object.assign(files, { [`gone/${index}.txt`]: `gone ${index}\n`, [`docs/${index}.md`]: `# ${index}\n` })
  return files
}

/** A branch, a tag and a stash that the landing has no business with; the source ends on `branch`. */
function leaveBranches(source: string, branch: string): void {
  git(source, 'tag', 'v1')
  writeFiles(source, { 'kept.txt': 'stashed\n', 'stashed.txt': 'stashed\n' })
  git(source, 'stash', '--quiet', '--include-untracked')
  git(source, 'switch', '--quiet', '--create', 'elsewhere')
  writeFiles(source, { 'elsewhere.txt': 'committed elsewhere\n' })
  commitAll(source, 'elsewhere')
  git(source, 'switch', '--quiet', branch)
  git(source, 'gc', '--quiet') // fewer files to copy for each round
}

/** Ignored files next to those that will be rewritten: a clean checkout still holds the human's work. */
function leaveBesideTarget(checkout: string): void {
  writeFiles(checkout, { 'local.env': 'PASSWORD=mine\n', 'src/local.env': 'mine\n', 'gone/local.env': 'mine\n', 'build/out.js': 'built\n' })
}

/** Staged, unstaged and untracked work on another branch, under the very names that the change rewrites. */
function leaveUnfinished(checkout: string): void {
  writeFiles(checkout, { 'src/0.txt': 'my own draft\n', 'src/1.txt': 'staged draft\n', [`${firstWritten}/deep/1.txt`]: 'untracked draft\n', 'mine.env': 'mine\n' })
  git(checkout, 'add', 'src/1.txt')
}
