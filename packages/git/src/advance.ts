import { ControlError, parseOid, type Advance, type Oid } from '@signalbox/core'
import { filesOf, readChangeList, type Change } from './change-list.ts'
import type { Git } from './exec.ts'
import { showPath, type RawChange, type TreeEntry } from './raw-diff.ts'
import { saveTree, type CapturedRepo } from './save-tree.ts'
import { gitInSource, reach, type SourceRef } from './source-ref.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** Commits that are looked at: a branch that went further than that is refreshed like any other. */
const LOOKED_AT = 5_000

/**
 * Says how a branch of a source came from one commit to a later one; undefined where it did not come there by commits of one
 * parent each, or by too many. The steps lead without a gap from the one tree to the other, so whatever git is told of history,
 * all that both differ in is among the paths.
 * @throws ControlError `repo.unreachable`
 */
export function readAdvance(git: Git, source: SourceRef, from: Oid, to: Oid): Promise<Advance | undefined> {
  return reach(source, async () => {
    const here = gitInSource(git, source.path)
    const { text } = await here(['rev-list', '--parents', `--max-count=${LOOKED_AT + 1}`, to, `^${from}`])
    const steps = text.split('\n').filter((line) => line !== '').map((line) => line.split(' '))
    let at: string | undefined = to
    for (const [commit, ...parents] of steps) {
      if (commit !== at || parents.length !== 1) return undefined
      at = parents[0]
    }
    if (at !== from || steps.length > LOOKED_AT) return undefined
    const commits = steps.flatMap(([commit]) => parseOid(commit) ?? [])
    const { stdout } = await here(['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--no-commit-id', '--stdin'], { stdin: commits.map((commit) => `${commit}\n`).join('') })
    const paths = stdout.toString('latin1').split('\0').filter((path) => path !== '')
    return { commits, paths: [...new Set(paths.map(showPath))] }
  })
}

/**
 * Puts a change on top of a commit that differs from its base only in other paths, in the vault, and returns that. Every entry
 * of the change is there exactly as it was reviewed, and everything else as in that commit.
 * @throws ControlError `merge.stopped` when it is not so
 */
export async function carry(vault: Vault, change: Change, onto: Oid): Promise<CapturedRepo> {
  const changes = filesOf(await readChangeList(vault, change))
  const tree = await withWorkDir(vault.work, async (folder) => {
    const git = (args: readonly [string, ...string[]], stdin?: Buffer) => vault.git(args, { indexFile: `${folder}/index`, ...(stdin === undefined ? {} : { stdin }) })
    await git(['read-tree', onto])
    // What goes first makes room for what comes: a file may take the place of a folder.
    const lines = [...changes.filter(({ to }) => to === undefined), ...changes.filter(({ to }) => to !== undefined)].map(lineOf)
    await git(['update-index', '-z', '--index-info'], Buffer.from(lines.join(''), 'latin1'))
    return parseOid((await git(['write-tree'])).text.trim())
  })
  if (tree === undefined) throw new ControlError('git.command_failed', `git made a tree in ${vault.dir} and did not say which`)
  const carried = await saveTree(vault, { base: onto, tree, message: 'carried' })
  const now = filesOf(await readChangeList(vault, { base: onto, commit: carried.commit }))
  if (describe(now) === describe(changes)) return carried
  throw new ControlError('merge.stopped', `The change on ${change.base.slice(0, 10)} is not the same on ${onto.slice(0, 10)}`, { hint: 'Ask the gate again; where it says that the target moved, refresh the run' })
}

function lineOf({ path, from, to }: RawChange): string {
  const none = '0'.repeat((to ?? from)?.oid.length ?? 40)
  return `${to?.mode ?? '0'} ${to?.oid ?? none}\t${path}\0`
}

function describe(changes: readonly RawChange[]): string {
  const entry = (side: TreeEntry | undefined): readonly string[] => (side === undefined ? [] : [side.mode, side.oid])
  return JSON.stringify(changes.map(({ path, from, to }) => [path, entry(from), entry(to)]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}
