import { join } from 'node:path'
import { agentHistorySchema, ControlError, parseOid, type AgentCommit, type AgentHistory, type Oid, type RunId } from '@signalbox/core'
import { readRef } from './agent-state.ts'
import { keepChangeList, type Change } from './change-list.ts'
import { parseCommit, subjectOf, type CommitText } from './commit-text.ts'
import { readKeptConversion } from './convert-view.ts'
import { measureChange, type Counts } from './counts.ts'
import { keepAnswer, readAnswer } from './kept-answer.ts'
import { vaultRefs } from './layout.ts'
import type { RawChange } from './raw-diff.ts'
import { withScratchObjects } from './scratch-objects.ts'
import type { Vault } from './vault.ts'
import { withWorkDir } from './work-dir.ts'

/** Commits beyond which nobody reads them one by one. */
const MAX_COMMITS = 200

/** Bytes of one commit, its message among them, and of all together. */
const MAX_BYTES = { one: 64 * 1024, all: 1024 * 1024 }

/** One saved repo of a captured snapshot. */
export interface SavedStep extends Change {
  readonly run: RunId
  /** Of the snapshot. */
  readonly number: number
}

/**
 * Returns the agent's own commits that led from a base to a snapshot of it, as they are in the vault, where no process of the agent's could ever write. Whatever they hold, they are
 * read as plain bytes; what could surprise whoever gets them makes them unfit.
 * @throws ControlError `git.command_failed` where they cannot be read
 */
export async function readAgentHistory(vault: Vault, { run, number, base, commit }: SavedStep): Promise<AgentHistory> {
  // None is kept where the agent committed nothing.
  const ref = readRef(vault.dir, vaultRefs.agentHead(run, number))
  const head = ref === undefined ? base : parseOid(ref)
  if (head === undefined) throw noCommit(vaultRefs.agentHead(run, number))
  if (head !== base && ((await readKeptConversion(vault, run))?.drivers ?? []).length > 0) return unfit('its files go through a program, and what they stand for in each of them was not kept')
  // The snapshot names its base, so these two name all there is to say.
  const named = { base: head, commit }
  const kept = readAnswer(vault, 'history-2', named)
  if (kept !== undefined) return agentHistorySchema.parse(JSON.parse(kept.toString()))
  const history = await judgeHistory(vault, { base, commit, head })
  await keepAnswer(vault, 'history-2', named, Buffer.from(JSON.stringify(history)))
  return history
}

interface Judged extends Change {
  readonly head: Oid
}

async function judgeHistory(vault: Vault, { base, commit, head }: Judged): Promise<AgentHistory> {
  if (head === base) return { kind: 'linear', commits: [], rest: await measureRest(vault, base, commit) }
  const oids = await listNew(vault, head, base)
  if (oids.length === 0) return unfit(`its HEAD went back to ${head.slice(0, 10)}`)
  if (oids.length > MAX_COMMITS) return unfit(`there are more than ${MAX_COMMITS}`)
  const sizes = await readSizes(vault, oids)
  const large = sizes.find(({ bytes }) => bytes > MAX_BYTES.one)
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
  if (all > MAX_BYTES.all) return unfit(`they have ${all} bytes of text`)
  if (large !== undefined) return unfit(`${large.oid.slice(0, 10)} alone has ${large.bytes} bytes of text`)
  const chain = followChain(await readTexts(vault, oids), base, head)
  if (typeof chain === 'string') return unfit(chain)
  const fault = await findFault(vault, head, base)
  if (fault !== undefined) return unfit(`git finds a fault in them: ${fault}`)
  const commits: AgentCommit[] = []
  for (const { oid, parent, text } of chain) {
    const { changes, list, counts } = await measureChange(vault, parent, oid)
    const link = changes.find(isGitlink)
    if (link !== undefined) return unfit(`${oid.slice(0, 10)} changes what a submodule is at`)
    await keepChangeList(vault, { base: parent, commit: oid }, list)
    const { author, committer, message } = text
    commits.push({ oid, parent, subject: subjectOf(message), message, author: author.name, email: author.email, at: author.at, committer, ...counts })
  }
  return { kind: 'linear', commits, rest: await measureRest(vault, head, commit) }
}

function unfit(because: string): AgentHistory {
  return { kind: 'unfit', because }
}

/** What a snapshot has beyond a commit; null when that is nothing. */
async function measureRest(vault: Vault, tip: Oid, commit: Oid): Promise<Counts | null> {
  const { changes, list, counts } = await measureChange(vault, tip, commit)
  await keepChangeList(vault, { base: tip, commit }, list)
  return changes.length === 0 ? null : counts
}

function isGitlink({ from, to }: RawChange): boolean {
  return from?.mode === '160000' || to?.mode === '160000'
}

async function listNew({ git }: Vault, head: Oid, base: Oid): Promise<readonly Oid[]> {
  const { text } = await git(['rev-list', `--max-count=${MAX_COMMITS + 1}`, head, `^${base}`])
  return text.split('\n').flatMap((line) => parseOid(line) ?? [])
}

async function readSizes({ git }: Vault, oids: readonly Oid[]): Promise<readonly { readonly oid: Oid; readonly bytes: number }[]> {
  const { text } = await git(['cat-file', '--batch-check=%(objecttype) %(objectsize)'], { stdin: listOf(oids) })
  const lines = text.trimEnd().split('\n')
  return oids.map((oid, at) => {
    const [, bytes] = /^commit (\d+)$/.exec(lines[at] ?? '') ?? []
    if (bytes === undefined) throw noCommit(oid)
    return { oid, bytes: Number(bytes) }
  })
}

async function readTexts({ git }: Vault, oids: readonly Oid[]): Promise<ReadonlyMap<Oid, Buffer>> {
  const { stdout } = await git(['cat-file', '--batch'], { stdin: listOf(oids) })
  const texts = new Map<Oid, Buffer>()
  let at = 0
  for (const oid of oids) {
    const end = stdout.indexOf(0x0a, at)
    const [id, type, bytes] = stdout.toString('latin1', at, end).split(' ')
    if (id !== oid || type !== 'commit') throw noCommit(oid)
    texts.set(oid, stdout.subarray(end + 1, end + 1 + Number(bytes)))
    at = end + 2 + Number(bytes)
  }
  return texts
}

function listOf(oids: readonly Oid[]): string {
  return oids.map((oid) => `${oid}\n`).join('')
}

function noCommit(name: string): ControlError {
  return new ControlError('git.command_failed', `git did not answer with the commit ${name}`, { hint: 'Run `signalbox doctor` to check the repository' })
}

interface Link {
  readonly oid: Oid
  readonly parent: Oid
  readonly text: CommitText
}

/** Goes from the head down to the base, by what the commits themselves say; a clause says why that does not lead there. */
function followChain(texts: ReadonlyMap<Oid, Buffer>, base: Oid, head: Oid): readonly Link[] | string {
  const links: Link[] = []
  for (let at = head; at !== base; ) {
    const bytes = texts.get(at)
    if (bytes === undefined || links.length > texts.size) return `they do not descend from the base ${base.slice(0, 10)}`
    const text = parseCommit(bytes)
    if (typeof text === 'string') return `${at.slice(0, 10)} is not a plain commit: ${text}`
    const [parent, second] = text.parents
    if (second !== undefined) return `${at.slice(0, 10)} is a merge`
    if (parent === undefined) return `${at.slice(0, 10)} has no parent: they do not descend from the base ${base.slice(0, 10)}`
    links.push({ oid: at, parent, text })
    at = parent
  }
  return links.toReversed()
}

/**
 * Has git look at everything that is new in them as strictly as it can: names and kinds of entries, order, dates. Nothing is kept of it.
 * @throws ControlError `git.command_failed` where it could not look
 */
async function findFault(vault: Vault, head: Oid, base: Oid): Promise<string | undefined> {
  return withWorkDir(vault.work, async (folder) => {
    const { git } = withScratchObjects(vault, folder)
    const { text } = await git(['pack-objects', '--revs', '--quiet', join(folder, 'pack')], { stdin: `${head}\n^${base}\n` })
    const pack = join(folder, `pack-${text.trim()}.pack`)
    const { exitCode, stderr } = await git(['index-pack', '--strict', '-o', join(folder, 'strict.idx'), pack], { okExits: [0, 1, 128] })
    if (exitCode === 0) return undefined
    // It ends alike where the disk is full: only where it can be read otherwise, the fault is in them.
    await git(['index-pack', '-o', join(folder, 'plain.idx'), pack])
    return stderr.trim().split('\n')[0]?.replace(/^(error|fatal): /, '').slice(0, 200) ?? 'it does not say which'
  })
}
