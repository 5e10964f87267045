import type { BranchName, Oid } from '@signalbox/core'
import type { Git } from './exec.ts'
import { findBase, listRefs, openRemote, readRemoteHead, type OpenRemote, type RemoteRef } from './remote.ts'
import { gitInSource, reach } from './source-ref.ts'

/** Milliseconds one push may take: long for a slow line, short for one that hangs. */
const PUSH_MS = 5 * 60_000

/** One commit for one branch of a remote. */
export interface PushTask extends RemoteRef {
  readonly branch: BranchName
  /** Where the branch is; undefined to make it. */
  readonly from: Oid | undefined
  /** A commit of the source that has `from` as an ancestor. */
  readonly to: Oid
  /** What was approved: the commits of the agent that are kept, if any, lie on the base, one on the other, and what else goes along lies on those and has exactly this tree. */
  readonly approved: { readonly base: Oid; readonly tree: Oid; readonly commits?: readonly Oid[] }
}

/** How a push ended: `pushed` when the remote was seen to have exactly that commit there, whoever brought it. */
export type PushEnd = { readonly pushed: true } | { readonly pushed: false; readonly because: string }

/**
 * Brings a commit to a branch of a remote, or says why not. It only makes the branch or takes it forward from where it was
 * seen; the remote decides, and what it has in the end is looked at. No hook of the source runs, and no ref of it moves.
 * @throws ControlError `remote.not_found`, `remote.unreachable`, `repo.unreachable`; what the remote then has is not known
 */
export async function pushCommit(git: Git, task: PushTask): Promise<PushEnd> {
  const { branch, to, approved: { base } } = task
  if (!(await isApproved(git, task))) return { pushed: false, because: `${to.slice(0, 10)} is not what was approved` }
  const open = await openRemote(git, task)
  const refs = await listRefs(open)
  if (refs.get(`refs/heads/${branch}`) === to) return { pushed: true }
  // Of several repos, the last is pushed long after the look.
  if ((await findBase(git, task.source, base, refs)) !== 'yes') return { pushed: false, because: `it is not seen any more that ${base.slice(0, 10)}, the base of the round, is there: commits that nobody asked to publish might go along` }
  const refusal = await push(open, task)
  if (refusal !== undefined) return { pushed: false, because: refusal }
  const head = await readRemoteHead(open, branch)
  return head === to ? { pushed: true } : { pushed: false, because: `${branch} there is at ${head?.slice(0, 10) ?? 'nothing'} and not at ${to.slice(0, 10)} after the push` }
}

/** A log can be written by others than us, and a remote gives nothing back: so what it names is compared with what was approved. */
function isApproved(git: Git, { source, to, approved: { base, tree, commits = [] } }: PushTask): Promise<boolean> {
  return reach(source, async () => {
    const here = gitInSource(git, source.path)
    const { text } = await here(['rev-list', '--topo-order', '--no-commit-header', `--max-count=${commits.length + 3}`, '--format=%H %T %P', to, `^${base}`])
    const found = text.split('\n').flatMap((line) => {
      const [oid = '', has = '', ...parents] = line.split(' ')
      return oid === '' ? [] : [{ oid, has, parents }]
    })
    const kept = commits.map((oid, at) => ({ oid, onto: commits[at - 1] ?? base })).toReversed()
    const ours = found.slice(0, Math.max(0, found.length - kept.length))
    const isKept = kept.every(({ oid, onto }, at) => found[ours.length + at]?.oid === oid && found[ours.length + at]?.parents.join(' ') === onto)
    // A merge brings two of ours; on top of commits that are kept there is one, or none where they have all of the change.
    const isAmount = kept.length === 0 ? ours.length === 1 || ours.length === 2 : ours.length < 2
    return isKept && isAmount && found[0]?.has === tree && ours.every(({ has, parents }) => has === tree && parents[0] === (commits.at(-1) ?? base))
  })
}

/** Returns why the remote did not take it; undefined when it did. */
async function push({ name, git, redact }: OpenRemote, { branch, from, to }: PushTask): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`
  const { exitCode, text, stderr } = await git(
    ['push', '--porcelain', '--no-progress', '--no-verify', '--no-follow-tags', '--no-signed', '--recurse-submodules=no', `--force-with-lease=${ref}:${from ?? ''}`, name, `${to}:${ref}`],
    // Neither is the remote told to do more than that.
    { okExits: [0, 1], timeoutMs: PUSH_MS, config: { 'push.pushOption': '' } },
  )
  if (exitCode === 0) return undefined
  const [, reason = stderr.trim()] = /^!\t[^\t]*\t(.*)$/m.exec(text) ?? []
  const said = stderr.split('\n').flatMap((line) => /^remote: (.*\S)/.exec(line)?.[1] ?? []).slice(-5)
  return redact([/\(stale info\)/.test(reason) ? `${branch} there is not any more where it was seen` : reason, ...said].join('; ')).slice(0, 1000)
}
