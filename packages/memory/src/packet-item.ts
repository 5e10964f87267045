import type { Config, PacketItem, RepoName, Task } from '@signalbox/core'
import { splitAcceptance } from './acceptance.ts'
import { titleOf } from './index-entry.ts'
import type { ReadRecord } from './memory-files.ts'
import { backgroundText, blobOf, cutText, joinParts, tokensOf } from './packet-text.ts'
import { visibleLine } from './visible-text.ts'

/** A target as the packet states it. */
export interface StatedTarget {
  readonly repo: RepoName
  readonly branch: string
  readonly head: string
  /** A snapshot of an earlier run whose change was merged in, and the paths that are left in conflict. */
  readonly merged?: { readonly of: string; readonly conflicts: readonly string[] }
}

/** Paths in conflict that a packet names; `git status` has them all. */
const MAX_CONFLICTS = 40

/** Bytes of a quoted text at most. A related task is there to be known of, not to be worked on. */
const MAX_BACKGROUND = 6_000
const MAX_RELATED = 800

/** Shares of the budget that parts which are always in may take, and the bytes they may take however small it is. */
const shares = {
  task: { share: 0.4, least: 2_000 },
  acceptance: { share: 0.2, least: 1_000 },
  handoff: { share: 0.15, least: 800 },
  constraint: { share: 0.1, least: 400 },
} as const

/** Returns the most bytes a part that is always in may take of a budget in tokens. */
export function allowanceOf(part: keyof typeof shares, budget: number): number {
  return Math.max(shares[part].least, Math.floor(shares[part].share * budget * 4))
}

/** Returns the task itself, without its checklist. */
export function taskItem(task: Task, bytes: Buffer, budget: number): PacketItem {
  const facts = [
    `Status: ${task.status}, priority ${task.priority}`,
    ...(task.labels.length === 0 ? [] : [`Labels: ${task.labels.join(', ')}`]),
    ...(task.links.length === 0 ? [] : [`Links: ${task.links.join(', ')}`]),
  ]
  const text = joinParts([task.title, facts.join('\n'), splitAcceptance(task.body).text])
  return itemOf(`${task.id} ${task.title}`, { source: task.path, bytes, reason: 'the task itself', text, limit: allowanceOf('task', budget) })
}

/** Returns the task's checklist; nothing when it has none. */
export function acceptanceItems(task: Task, bytes: Buffer, budget: number): readonly PacketItem[] {
  const text = joinParts([splitAcceptance(task.body).acceptance])
  if (text === '') return []
  return [itemOf(`Acceptance of ${task.id}`, { source: task.path, bytes, reason: 'checklist of the task', text, limit: allowanceOf('acceptance', budget) })]
}

/** Returns a target: where the work lands and the commit it begins on. */
export function targetItem({ repo, branch, head }: StatedTarget): PacketItem {
  const text = joinParts([`Repo: ${repo}\nBase branch: ${branch}\nBase commit: ${head}`])
  return itemOf(`${repo} → ${branch}`, { source: `repo:${repo}`, bytes: undefined, reason: 'repo of the task', text, limit: 1_000 })
}

/** Returns what is to be settled first; nothing where nothing was merged in. */
export function settleItems(targets: readonly StatedTarget[]): readonly PacketItem[] {
  const of = targets.find(({ merged }) => merged !== undefined)?.merged?.of
  if (of === undefined) return []
  const text = joinParts([
    `The change of ${of}, made by an earlier run of this task, is merged into your checkouts, on the target branches as they are now. Keep what it was meant to do (the task and the handoff of that run say it) and what the targets did since.`,
    'Where it conflicts, git left marks in the files and unmerged entries in the index; the targets below name the paths. Settle every one: edit until no mark is left, or `git add` or `git rm` what is right as it lies. As long as one is left, what you leave cannot land.',
  ])
  return [itemOf(`Settle ${of} on moved targets`, { source: of, bytes: undefined, reason: 'this run goes on with it', text, limit: 2_000 })]
}

/** Returns the paths in conflict in a target; nothing where there are none. */
export function conflictItems({ repo, branch, merged }: StatedTarget): readonly PacketItem[] {
  if (merged === undefined || merged.conflicts.length === 0) return []
  const { of, conflicts } = merged
  const more = conflicts.length > MAX_CONFLICTS ? [`and ${conflicts.length - MAX_CONFLICTS} more, which \`git status\` names`] : []
  const text = joinParts([[...conflicts.slice(0, MAX_CONFLICTS).map((path) => `- ${visibleLine(path)}`), ...more].join('\n')])
  return [itemOf(`Conflicts of ${of} with ${branch} in ${repo}`, { source: `repo:${repo}`, bytes: undefined, reason: `${of} was merged in`, text, limit: 6_000 })]
}

/** Returns what the merge will be held to: scope, checks and limits. */
export function constraintItems(of: { readonly task: Task; readonly bytes: Buffer }, config: { readonly settings: Config; readonly bytes: Buffer }, budget: number): readonly PacketItem[] {
  const limit = allowanceOf('constraint', budget)
  const settings = { source: 'signalbox.yaml', bytes: config.bytes, limit }
  const checks = of.task.repos.flatMap((repo) => {
    const lines = Object.entries(config.settings.repos[repo]?.checks ?? {}).map(([name, command]) => `- ${name}: ${command}`)
    if (lines.length === 0) return []
    const text = joinParts([`Signalbox runs these in ${repo} on exactly what you leave. A red one blocks the merge.\n${lines.join('\n')}`])
    return [itemOf(`Checks of ${repo}`, { ...settings, reason: `checks configured for ${repo}`, text })]
  })
  const { minutes, checkMinutes } = config.settings.limits
  const limits = joinParts([`The run is ended in order after ${minutes} minutes. One check or setup command may take ${checkMinutes} minutes.`])
  return [
    ...scopeItems(of.task, of.bytes, limit),
    ...checks,
    itemOf('Limits', { ...settings, reason: 'limits of every run', text: limits }),
  ]
}

function scopeItems(task: Task, bytes: Buffer, limit: number): readonly PacketItem[] {
  if (task.repos.length === 0) return []
  const lines = task.repos.map((repo) => `- ${repo}: ${task.scope?.[repo]?.join(', ') ?? 'any path'}`)
  const text = joinParts([`Change only these repos, and in them only these paths. Anything else blocks the merge.\n${lines.join('\n')}`])
  return [itemOf(`Scope of ${task.id}`, { source: task.path, bytes, reason: 'scope of the task', text, limit })]
}

/** Returns a record that is background; `limit` is in bytes and defaults to what its kind may take. */
export function backgroundItem(read: ReadRecord, why: { readonly reason: string; readonly freshness: string | null }, limit?: number): PacketItem {
  const most = limit ?? (read.kind === 'task' ? MAX_RELATED : MAX_BACKGROUND)
  const item = itemOf(`${read.record.id} ${titleOf(read)}`, { source: read.record.path, bytes: read.bytes, reason: why.reason, text: backgroundText(read), limit: most })
  return { ...item, freshness: why.freshness }
}

interface ItemParts {
  readonly source: string
  /** Undefined for a fact without a file. */
  readonly bytes: Buffer | undefined
  readonly reason: string
  readonly text: string
  readonly limit: number
}

/** Returns an item, its text cut where it is longer than it may be. */
export function itemOf(title: string, { source, bytes, reason, text, limit }: ItemParts): PacketItem {
  const cut = cutText(text, limit, source)
  return { source, title: visibleLine(title), blob: bytes === undefined ? null : blobOf(bytes), reason, tokens: tokensOf(cut), freshness: null, text: cut }
}
