import { sayLeftOut, type Decision, type Effort, type Handoff, type Note, type Quarantined } from '@signalbox/core'
import type { Look } from './look.ts'
import { table } from './table.ts'
import { quarantinedText } from './text-task.ts'
import { claimedText } from './text-claims.ts'
import { ago, blocks, fields, size } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

type FreeRecord = Effort | Decision | Note

/** Returns efforts, decisions or notes as a table. */
export function recordListText(records: readonly FreeRecord[], quarantined: readonly Quarantined[], look: Look): string {
  const rows = table(
    records,
    [
      { title: 'ID', text: ({ id }) => id, dress: look.ink.bold },
      { title: 'STATUS', text: statusOf },
      { title: 'REPOS', text: ({ repos }) => repos.join(', ') },
      { title: 'TITLE', text: ({ title }) => visible(title) },
    ],
    look,
  )
  return blocks(records.length === 0 ? undefined : rows, quarantinedText(quarantined, look))
}

/** Returns one effort, decision or note. */
export function recordText(record: FreeRecord, { ink }: Look): string {
  const facts = fields(
    [
      ['Status', statusOf(record) || undefined],
      ['Date', 'date' in record && record.date !== undefined ? visible(record.date) : undefined],
      ['Repos', record.repos.join(', ') || undefined],
      ['Effort', 'effort' in record ? record.effort : undefined],
      ['Links', record.links.map(visible).join(', ') || undefined],
      ['File', visible(record.path)],
    ],
    ink.dim,
  )
  return blocks(`${ink.bold(record.id)}  ${visible(record.title)}`, facts, visibleLines(record.body.trim()))
}

/** Returns handoffs as a table. */
export function handoffListText(handoffs: readonly Handoff[], quarantined: readonly Quarantined[], look: Look): string {
  const rows = table(
    handoffs,
    [
      { title: 'HANDOFF', text: ({ id }) => id, dress: look.ink.bold },
      { title: 'TASK', text: ({ task }) => task },
      { title: 'RUN', text: ({ run }) => run ?? '' },
      { title: 'WRITTEN', text: ({ at }) => ago(at, look.now) },
      { title: 'WHAT', text: ({ what }) => visible(firstLine(what)) },
    ],
    look,
  )
  return blocks(handoffs.length === 0 ? undefined : rows, quarantinedText(quarantined, look))
}

/** Returns one handoff: what changed, the evidence with claims marked as claims, the blocker, what is next. */
export function handoffText(handoff: Handoff, look: Look): string {
  const { ink } = look
  const origin = [handoff.run === undefined ? handoff.task : `${handoff.run} of ${handoff.task}`, `by ${handoff.by}`, ago(handoff.at, look.now)]
  const facts = fields(
    [
      ['What', visibleLines(handoff.what)],
      ['Changed', handoff.evidence.changed.map((change) => [`${change.repo} ${size({ ...change, files: change.files.length })}`, change.reason].filter((part) => part !== undefined).map(visible).join(': ')).join('\n') || undefined],
      ['Validation', handoff.evidence.validation.map((line) => `${line.kind === 'fact' ? '' : ink.yellow('claim: ')}${visible(line.text)}`).join('\n') || undefined],
      ['Waived', (handoff.evidence.waived ?? []).map(({ code, repo, because, by }) => visible(`${code}${repo === undefined ? '' : ` of ${repo}`}: ${because} (${by})`)).join('\n') || undefined],
      ['Pushed', (handoff.evidence.pushed ?? []).map(({ repo, remote, branch, commit, pullRequest }) => visible(`${repo} → ${branch} on ${remote} ${commit.slice(0, 10)}${pullRequest === undefined ? '' : `, pull request ${pullRequest}`}`)).join('\n') || undefined],
      ['Claimed', claimedText(handoff.evidence.claimed, look) || undefined],
      ['Left out', (handoff.evidence.leftOut ?? []).map(({ from, ...of }) => visible(`${sayLeftOut(of)}, in ${from}`)).join('\n') || undefined],
      ['Blocker', handoff.blocker === null ? 'none' : ink.red(visibleLines(handoff.blocker))],
      ['Next', visibleLines(handoff.next)],
      ['File', visible(handoff.path)],
    ],
    ink.dim,
  )
  return blocks(`${ink.bold(handoff.id)}  ${ink.dim(origin.map(visible).join(' · '))}`, facts, visibleLines(handoff.body.trim()))
}

function statusOf(record: FreeRecord): string {
  return 'status' in record ? record.status : ''
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
