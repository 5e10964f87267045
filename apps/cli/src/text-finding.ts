import { sayPlace, type FindingView, type RunId } from '@signalbox/core'
import type { Look } from './look.ts'
import { ago, blocks, indent } from './text-parts.ts'
import { visible, visibleLines } from './untrusted.ts'

/** Returns all findings of a run; says so where there are none. */
export function findingsText(run: RunId, findings: readonly FindingView[], look: Look): string {
  return findings.length === 0 ? `Nobody found anything in ${run} yet` : blocks(...findings.map((finding) => findingText(finding, look)))
}

/** Returns one finding: where it is and what became of it, the lines it is on, what was said. */
export function findingText(finding: FindingView, look: Look): string {
  const { ink } = look
  const { id, state, by, at, text, from, because, replies } = finding
  const head = `${mark(state, look)} ${ink.bold(id)}  ${state}  ${visible(sayPlace(finding))}  ${ink.dim([by, ago(at, look.now), ...(from === null ? [] : [`${from.finding} of ${from.run}`])].map(visible).join(' · '))}`
  const said = replies.map((reply) => `${ink.dim(`${visible(reply.by)}, ${ago(reply.at, look.now)}${reply.state === null ? '' : `: ${reply.state === 'open' ? 'opened again' : reply.state}`}`)}${reply.text === null ? '' : `\n${indent(visibleLines(reply.text))}`}`)
  return [head, ...(because === null ? [] : [indent(ink.yellow(visible(because)))]), ...(linesText(finding, look) ?? []), indent(visibleLines(text)), ...said.map((one) => indent(one))].join('\n')
}

function linesText({ anchor, place, lines }: FindingView, { ink }: Look): readonly string[] | undefined {
  const first = (place ?? anchor?.lines)?.from
  const all = anchor?.lines
  if (lines === null || first === undefined || all === undefined || all === null) return undefined
  const more = all.to - all.from + 1 - lines.length
  return [...lines.map((line, at) => `  ${ink.dim(String(first + at).padStart(5))} ${ink.cyan(visible(line))}`), ...(more > 0 ? [`  ${ink.dim(`      and ${more} more`)}`] : [])]
}

function mark(state: FindingView['state'], { ink }: Look): string {
  return state === 'addressed' ? ink.green('✓') : state === 'declined' ? ink.dim('-') : ink.red('●')
}
