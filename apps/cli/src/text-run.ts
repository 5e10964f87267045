import { quote, sayAllReported, sayApproval, sayHome, sayLeftOut, sayLooks, sayPushed, sayReason, saySurvivors, type MergeResult, type Quarantined, type Receipt, type RunId, type RunSummary, type RunView, type Snapshot, type SourceState, type TimelineEntry } from '@signalbox/core'
import type { Look } from './look.ts'
import { align, table } from './table.ts'
import { ago, blocks, count, fields, indent, shortId, size } from './text-parts.ts'
import { receiptsText } from './text-check.ts'
import { timeOfDay } from './text-event.ts'
import { waivedText } from './text-gate.ts'
import { questionsText } from './text-question.ts'
import { quarantinedText } from './text-task.ts'
import { visible } from './untrusted.ts'

/** Returns runs as a table. */
export function runListText(runs: readonly RunSummary[], quarantined: readonly Quarantined[], look: Look): string {
  const rows = table(
    runs,
    [
      { title: 'RUN', text: ({ id }) => id, dress: look.ink.bold },
      { title: 'TASK', text: ({ task }) => task },
      { title: 'AGENT', text: ({ agent }) => visible(agent) },
      { title: 'STATE', text: ({ outcome, state }) => outcome ?? state, dress: (text, run) => stateInk(run, look)(text) },
      { title: 'MERGE', text: ({ merge }) => (merge === 'none' ? '' : merge), dress: (text, { merge }) => mergeInk(merge, look)(text) },
      { title: 'STARTED', text: ({ queuedAt }) => ago(queuedAt, look.now) },
      { title: 'BECAUSE', text: ({ because }) => visible(because), dress: look.ink.dim },
    ],
    look,
  )
  return blocks(runs.length === 0 ? undefined : rows, quarantinedText(quarantined, look))
}

/** Returns the page of one run: where it stands and why, what it began on, what it saved, what was checked, what is next. */
export function runText(run: RunView, look: Look): string {
  const { ink } = look
  const head = `${ink.bold(run.id)} of ${run.task}  ${ink.dim([run.agent, run.isolation, `by ${run.by}`, ago(run.queuedAt, look.now)].map(visible).join(' · '))}`
  const state = fields(
    [
      ['State', `${stateInk(run, look)(run.outcome ?? run.state)}  ${ink.dim(visible(run.because))}`],
      ['Merge', `${mergeInk(run.merge.state, look)(run.merge.state)}  ${ink.dim(visible(run.merge.because))}`],
      ['Takes back', run.takesBack === null ? undefined : `what ${run.takesBack.run} landed`],
      ['Task', run.taskStatus ?? 'its file cannot be read'],
      ['Isolation', run.promise],
      ['Home', run.home === null ? undefined : sayHome(run.home)],
      ['Began with', run.from === null ? undefined : run.ontoTarget ? `the change of ${run.from}, merged into the targets as they were` : `the files of ${run.from}`],
      ['Goes on', run.delegated.length === 0 ? undefined : run.delegated.map(({ of, run: next }) => `${of} in ${next}`).join(', ')],
      ['Changes', run.requested.length === 0 ? undefined : run.requested.map(({ of, run: next }) => `of ${of} asked for in ${next}`).join(', ')],
      ['Command', run.argv.length === 0 ? undefined : visible(run.argv.map(quote).join(' '))],
      ['Session', run.session === null ? undefined : visible([run.session.session, run.session.model ?? [], run.session.mode ?? []].flat().join(', '))],
      ['Used', run.spent === null ? undefined : `${run.spent.tokens} tokens${run.spent.cost === null ? '' : `, ${run.spent.cost.amount.toFixed(2)} ${visible(run.spent.cost.currency)}`} ${ink.dim('as its agent counts')}`],
      ['Packet', run.packet === null ? undefined : `${run.packet.tokens} tokens, ${run.packet.hash.slice(0, 10)}`],
      ['Approval', run.approval === null ? undefined : `${visible(sayApproval(run.approval))}, ${ago(run.approval.at, look.now)}`],
      ['Handoff', run.handoff ?? undefined],
      ['Workspace', run.workspace === null ? undefined : visible(run.workspace)],
    ],
    ink.dim,
  )
  return blocks(
    head,
    state,
    run.newer === null ? '' : `${ink.yellow('!')} ${visible(run.newer)}`,
    section('Asked', run.questions.length === 0 ? '' : questionsText(run.questions, look), look),
    section('Alive', visible(saySurvivors(run.survivors)), look),
    section('Began on', reposText(run, look), look),
    section('Beside it', sayLooks(run.sources).map(visible).join('\n'), look),
    section('Saved', savedText(run, look), look),
    section('Reported', sayAllReported(run.snapshots.at(-1)?.repos ?? []).map(visible).join('\n'), look),
    section('To settle', resolvingText(run), look),
    section('Left out', leftOutText(run.snapshots.at(-1)?.part?.leftOut), look),
    section('Checks', receiptsText(latestOf(run.receipts), look), look),
    section('Waived', waivedText(run.waived, look), look),
    // A landing that is not settled may yet be undone.
    section(run.merge.state === 'merging' ? 'To land' : 'Landed', landedText(run, look), look),
    section('Pushed', pushedText(run.pushes, look), look),
    section('Next', nextText(run), look),
  )
}

/** Returns what moves in each repo: `api → main  1a2b3c4d5e..5e4d3c2b1a`. */
export function landedText({ merge }: { readonly merge: Pick<RunView['merge'], 'repos'> }, look: Look): string {
  return align(merge.repos.map(({ repo, branch, from, to }) => [`${repo} → ${visible(branch)}`, `${look.ink.dim(`${shortId(from)}..`)}${shortId(to)}`]))
}

/** Returns what a merge moved, and what of the run it did not land. */
export function mergedText(run: RunId, merge: MergeResult, look: Look): string {
  return blocks(`${look.ink.green('✓')} ${look.ink.bold(run)} is merged\n${landedText({ merge }, look)}`, section('Left out', leftOutText(merge.leftOut), look))
}

/** Returns what was pushed where, and why a push stopped. */
export function pushedText(pushes: readonly (Pick<RunView['pushes'][number], 'remote' | 'branch' | 'snapshot' | 'repos'> & { readonly because?: string | null })[], { ink }: Look): string {
  const rows = pushes.flatMap((push) => [
    ...push.repos.map((move) => [visible(sayPushed(push, move)), `${shortId(move.to)} ${ink.dim(push.snapshot)}`]),
    ...(push.because === undefined || push.because === null ? [] : [[`  ${ink.red(visible(push.because))}`, '']]),
  ])
  return align(rows)
}

function section(title: string, text: string, { ink }: Look): string {
  return text === '' ? '' : `${ink.dim(title)}\n${indent(text)}`
}

function reposText({ repos }: RunView, look: Look): string {
  return align(repos.map(({ repo, baseBranch, baseHead, source }) => [`${repo} → ${visible(baseBranch)}`, shortId(baseHead), look.ink.dim(sourceText(source))]))
}

/** Says in what state the human's own checkout was then, where it was not simply clean. */
function sourceText({ branch, dirty, paths, operation }: SourceState): string {
  const parts = [branch === null ? 'you had no branch checked out' : `you were on ${visible(branch)}`, dirty ? `${count(paths.length, 'path')} of your own uncommitted` : '', operation === null ? '' : `${operation} under way`]
  return parts.filter((part) => part !== '').join(', ')
}

/** Lists when and why it was saved; of what is not kept any more, how much that was. */
function savedText({ timeline, snapshots }: RunView, look: Look): string {
  const kept = timeline.filter(({ thinned }) => !thinned)
  const rows = align(kept.map((entry) => momentRow(entry, snapshots.find(({ id }) => id === entry.snapshot), look)))
  const thinned = timeline.length - kept.length
  return thinned === 0 ? rows : `${rows}\n${look.ink.dim(`${count(thinned, 'checkpoint')} thinned out`)}`
}

function momentRow(entry: TimelineEntry, snapshot: Snapshot | undefined, look: Look): readonly string[] {
  const when = look.ink.dim(timeOfDay(entry.at))
  if (snapshot === undefined) return [when, '', look.ink.yellow(entry.kind), `${visible(entry.because ?? '')}  ${look.ink.dim(sayReason(entry.reason))}`]
  const [id = '', kind = '', changes = ''] = snapshotRow(snapshot, look)
  return [when, id, kind, `${changes}  ${look.ink.dim(sayReason(entry.reason))}`]
}

function snapshotRow({ id, kind, complete, repos, part }: Snapshot, { ink }: Look): readonly string[] {
  const changes = repos.map((repo) => `${repo.repo} ${size(repo)}${repo.exactTree === undefined ? '' : ink.dim(' (on disk otherwise than git stores it)')}`).join(ink.dim(' · '))
  return [id, ink.dim(part === undefined ? kind : `part of ${part.of}`), `${changes}${complete ? '' : `  ${ink.red('incomplete')}`}`]
}

/** Names what a round leaves out, and which snapshot has it. */
function leftOutText(leftOut: MergeResult['leftOut'] = []): string {
  return align(leftOut.map((of) => [visible(sayLeftOut(of)), `in ${of.from}`]))
}

/** Names what conflicts and where it is settled. */
function resolvingText({ id, resolving }: RunView): string {
  if (resolving === null) return ''
  if (resolving.conflicts === null) return `its workspace was being made anew, and that was interrupted: signalbox refresh ${id} --resolve`
  if (resolving.conflicts.length === 0) return `nothing: git settled what conflicted, by the attributes of its files; seal it: signalbox seal ${id}`
  const places = new Map(resolving.repos.map(({ repo, path }) => [repo, path]))
  return resolving.conflicts.map(({ repo, path }) => visible(`${places.get(repo) ?? repo}/${path}`)).join('\n')
}

/** Keeps the last receipt of each check; the record has them all. */
function latestOf(receipts: readonly Receipt[]): readonly Receipt[] {
  return [...new Map(receipts.map((receipt) => [`${receipt.repo}/${receipt.name}`, receipt])).values()]
}

function nextText({ exits, merge }: RunView): string {
  return [...new Set([...exits, ...merge.exits])].map(visible).join('\n')
}

function stateInk({ state, outcome }: Pick<RunSummary, 'state' | 'outcome'>, { ink }: Look): (text: string) => string {
  if (outcome === 'completed') return ink.green
  if (outcome === 'cancelled') return ink.dim
  return state === 'ended' ? ink.red : ink.yellow
}

function mergeInk(state: RunSummary['merge'], { ink }: Look): (text: string) => string {
  const inks = { none: ink.dim, blocked: ink.yellow, approvable: ink.cyan, approved: ink.cyan, merging: ink.yellow, stuck: ink.red, merged: ink.green, undone: ink.dim } as const
  return inks[state]
}
