import { sayApproval, type Why } from '@signalbox/core'
import type { Look } from './look.ts'
import { ago, blocks, fields, indent, shortId } from './text-parts.ts'
import { visible } from './untrusted.ts'

/** Returns how a line came to be: the line, then commit, landing, approval, run, packet and task as far as the record reaches. */
export function whyText(why: Why, look: Look): string {
  const { ink } = look
  return blocks(
    `${ink.bold(visible(`${why.path}:${why.line}`))} ${ink.dim(`of ${why.repo}`)}\n${indent(visible(why.text))}`,
    `${why.standing === 'landed' || why.standing === 'pushed' ? ink.green('✓') : why.standing === 'unproven' ? ink.red('✗') : ink.dim('·')} ${visible(why.because)}`,
    fields([...commitFields(why, look), ...originFields(why, look)], ink.dim),
  )
}

type Field = readonly [name: string, value: string | undefined]

function commitFields({ commit, path, claims, standing }: Why, { ink, now }: Look): readonly Field[] {
  if (commit === null) return []
  return [
    ['Commit', `${shortId(commit.oid)}  ${visible(commit.subject)}  ${ink.dim(`${visible(commit.author)}, ${ago(commit.at, now)}`)}`],
    ['It was', commit.path === path ? undefined : visible(`${commit.path}:${commit.line}`)],
    ['Claims', claims === null || standing !== 'unproven' ? undefined : visible([claims.task, claims.run, claims.snapshot, claims.approvedBy].map((claim) => claim ?? 'nothing').join(' · '))],
  ]
}

function originFields({ origin }: Why, { ink, now }: Look): readonly Field[] {
  if (origin === null) return []
  const { landing, approval, run, packet, task } = origin
  return [
    [landing.remote === undefined ? 'Landed' : 'Pushed', `${shortId(landing.commit)} ${landing.remote === undefined ? `on ${visible(landing.branch)}` : `to ${visible(landing.branch)} on ${visible(landing.remote)}`} by ${landing.strategy}, ${ago(landing.at, now)}${landing.undone ? ink.red('  taken back later') : ''}`],
    ['Approval', `${visible(sayApproval(approval))}, ${ago(approval.at, now)}${approval.genuine ? '' : ink.red('  not sealed with the key of this machine')}`],
    ['Run', `${run.id}  ${ink.dim(`${visible(run.agent)}, by ${visible(run.by)}`)}`],
    ['Packet', packet === null ? undefined : `${packet.path}  ${ink.dim(shortId(packet.hash))}`],
    ['Task', `${task.id}  ${task.title === null ? ink.dim('its file cannot be read') : visible(task.title)}${task.status === null ? '' : ink.dim(`  ${task.status}`)}`],
  ]
}
